const kept = [];
addEventListener('load', () => { for (;;) kept.push(new Array(1e6).fill(kept.length)); });
