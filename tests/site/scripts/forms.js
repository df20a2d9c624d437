document.getElementById('area').value = 'marker-typed-area';
document.getElementById('pick').value = 'b';
