document.cookie = 'human=yes; path=/';
location.reload();
