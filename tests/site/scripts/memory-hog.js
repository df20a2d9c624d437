const kept = [];
setTimeout(() => { for (;;) kept.push(new Array(1e6).fill(kept.length)); }, 100);
