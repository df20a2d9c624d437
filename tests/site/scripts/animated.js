let n = 0;
app.innerHTML = '';
const step = () => {
  if (n === 30) return add(P('marker-raf-end'));
  add('<p>frame ' + n++ + '</p>');
  requestAnimationFrame(step);
};
requestAnimationFrame(step);
