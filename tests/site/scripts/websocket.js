app.innerHTML = P('marker-socket');
const ws = new WebSocket(location.origin.replace('http', 'ws') + '/socket');
ws.onmessage = (event) => add(P(event.data));
