const app = document.getElementById('app');
const P = (mark) => `<p>${TEXT} ${mark}</p>`;
const add = (html) => app.insertAdjacentHTML('beforeend', html);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const get = async (path) => (await fetch(path)).json();
