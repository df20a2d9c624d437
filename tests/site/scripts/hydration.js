setTimeout(() => { app.innerHTML = '<h1>Hydrated</h1>' + P('marker-hydrated') + P(''); }, 400);
setTimeout(() => add(P('marker-hydrated-late')), 750);
