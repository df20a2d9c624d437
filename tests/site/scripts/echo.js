document.getElementById('js').textContent =
  'languages ' + navigator.languages.join('/') + ' cookie ' + document.cookie;
