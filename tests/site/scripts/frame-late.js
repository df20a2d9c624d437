app.innerHTML = P('marker-late-outside');
setTimeout(() => {
  const frame = document.createElement('iframe');
  frame.src = '{{other}}/frame/4';
  app.append(frame);
}, 300);
