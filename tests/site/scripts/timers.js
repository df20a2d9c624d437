(async () => {
  app.innerHTML = '';
  for (let n = 0; n < 8; n++) {
    await sleep(250);
    add(P('marker-timer-' + n));
  }
})();
