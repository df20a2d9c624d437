get('/slow-step/3').then((got) => { app.innerHTML = P(got.mark); });
