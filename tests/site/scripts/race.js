Promise.race([get('/slow-step/1'), sleep(3000)]).then((got) => {
  app.innerHTML = P(got ? 'marker-race-won' : 'marker-race-lost');
});
