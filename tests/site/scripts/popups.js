window.open('/popup-target');
const link = document.createElement('a');
link.href = '/popup-target';
link.target = '_blank';
document.body.append(link);
link.click();
app.innerHTML = P('marker-popups');
