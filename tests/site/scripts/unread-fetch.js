fetch('/megabyte').then((response) => {
  window.kept = response;
  app.innerHTML = P('marker-unread ' + response.status);
});
