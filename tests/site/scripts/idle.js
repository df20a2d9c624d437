requestIdleCallback(() => setTimeout(() => requestIdleCallback(() => { app.innerHTML = P('marker-idle'); }), 200));
