const link = document.createElement('a');
link.href = '/binary';
link.download = 'x.bin';
document.body.append(link);
link.click();
app.innerHTML = P('marker-downloads');
