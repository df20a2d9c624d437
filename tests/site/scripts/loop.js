addEventListener('load', () => { for (;;); });
