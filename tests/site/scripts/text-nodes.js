app.innerHTML = P('') + '<p>Count <b id=n>marker-count-0</b> of twenty.</p>';
const text = document.getElementById('n').firstChild;
let n = 0;
const timer = setInterval(() => {
  text.data = 'marker-count-' + (++n);
  if (n === 20) clearInterval(timer);
}, 60);
