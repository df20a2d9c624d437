setTimeout(() => location.reload(), 300);
