const show = async () => {
  const got = await get('/step/7');
  app.innerHTML = '<h1>Routed to ' + location.pathname + '</h1>' + P(got.mark);
  document.title = 'Routed';
};
setTimeout(() => { history.pushState({}, '', '/router/inner'); show(); }, 150);
