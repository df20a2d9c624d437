const observer = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    target.innerHTML = P('marker-lazy-' + target.dataset.n);
    observer.unobserve(target);
  }
});
app.innerHTML = '';
for (let n = 0; n < 40; n++) {
  const row = document.createElement('div');
  row.dataset.n = n;
  row.style.minHeight = '120px';
  app.append(row);
  observer.observe(row);
}
