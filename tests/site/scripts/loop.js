addEventListener('load', () => setTimeout(() => { for (;;); }, 50));
