let n = 0;
const price = document.getElementById('price');
setInterval(() => { price.textContent = (n++ % 977) + ' points'; }, 50);
