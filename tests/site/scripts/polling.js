const ask = async () => {
  const got = await get('/ready' + location.search);
  if (got.ready) app.innerHTML = P('marker-ready');
  else setTimeout(ask, 150);
};
ask();
