app.innerHTML = P('marker-growing-start');
let n = 0;
setInterval(() => add(P('grown-' + n++)), 150);
