setTimeout(() => {
  document.open();
  document.write('<!doctype html><title>Rewritten</title><main>' + P('marker-rewritten') + '</main>');
  document.close();
}, 200);
