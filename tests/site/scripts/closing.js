app.innerHTML = P('marker-closing');
setTimeout(() => { window.close(); window.stop(); }, 100);
