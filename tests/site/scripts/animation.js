const style = document.createElement('style');
style.textContent = '@keyframes fade { from { opacity: 0.2 } to { opacity: 1 } } .fade { animation: fade 450ms }';
document.head.append(style);
app.className = 'fade';
app.addEventListener('animationend', () => { app.innerHTML = P('marker-animated'); });
