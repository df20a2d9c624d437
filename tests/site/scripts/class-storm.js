const step = () => {
  document.body.className = 'c' + Math.floor(performance.now());
  requestAnimationFrame(step);
};
step();
