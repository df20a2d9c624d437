app.innerHTML = P('marker-poll') + P('');
fetch('/never');
