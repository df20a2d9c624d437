const make = (mode, mark, at) => {
  const host = document.createElement('div');
  at.append(host);
  const root = host.attachShadow({ mode });
  root.innerHTML = P(mark) + '<slot></slot>';
  return [host, root];
};
app.innerHTML = P('marker-light');
const [open] = make('open', 'marker-open-shadow', app);
open.innerHTML = '<p>marker-slotted-light</p>';
const [, closedRoot] = make('closed', 'marker-closed-shadow', app);
setTimeout(() => make('closed', 'marker-nested-shadow', closedRoot), 200);
