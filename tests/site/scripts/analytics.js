window.analytics = window.analytics || [];
window.analytics.push(['view']);
