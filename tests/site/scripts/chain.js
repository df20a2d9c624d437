(async () => {
  app.innerHTML = '<h1>Chain</h1>';
  for (let n = 0; n < 6; n++) add(P((await get('/step/' + n)).mark));
})();
