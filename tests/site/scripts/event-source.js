app.innerHTML = P('marker-events');
const source = new EventSource('/events');
source.onmessage = (event) => add(P(event.data));
