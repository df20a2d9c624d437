const code = 'setTimeout(() => postMessage("marker-from-worker"), 350)';
const worker = new Worker(URL.createObjectURL(new Blob([code])));
worker.onmessage = (event) => { app.innerHTML = P(event.data); };
