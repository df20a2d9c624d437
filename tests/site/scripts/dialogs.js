addEventListener('beforeunload', (event) => { event.preventDefault(); event.returnValue = 'stay'; });
alert('hello');
const yes = confirm('sure?');
const name_ = prompt('name?');
app.innerHTML = P('marker-dialogs ' + yes + ' ' + name_);
