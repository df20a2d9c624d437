// Runs in an isolated world of every frame when the client wants overlays gone: marks cookie walls and modals for
// the reading, and hides them for pictures. What is meant: dialogs, what is fixed and named like one, and what is
// fixed above the page and covers much of it, whatever its name.
(() => {
  'use strict';
  const NAMES = ['cookie', 'consent', 'gdpr', 'ccpa', 'onetrust', 'didomi', 'cmp-', 'usercentrics', 'overlay', 'modal',
    'popup', 'pop-up', 'lightbox', 'paywall', 'newsletter', 'interstitial', 'backdrop'];
  const NAMED = NAMES.flatMap(name => [`[id*="${name}" i]`, `[class*="${name}" i]`]).join();
  const DIALOGS = 'dialog[open], [role="dialog"], [role="alertdialog"], [aria-modal="true"]';
  const CONTENT = 'html, head, body, main, article';
  const COVERS = 0.25;       // share of the window from which on something fixed is in the way
  const MUCH = 0.4;          // share of the page's text that nothing unnamed has that only lies above it
  const MOST = 0.9;          // the same for what is a dialog or named like one: legal texts are long
  const POINTS = [[.5, .5], [.1, .1], [.9, .1], [.1, .9], [.5, .9], [.9, .9]];
  const LAYERS = 4;          // at one point: backdrop, box, and what the box stands in
  const MOST_RUNS = 100, PAUSE_MS = 50;
  let runs = 0, timer = 0;

  const textOf = el => (el.innerText || '').length;
  const fixed = style => style.position === 'fixed' || style.position === 'sticky';

  function hide(el) {
    el.setAttribute('reader-overlay', '');
    el.style.setProperty('display', 'none', 'important');
    for (const root of [document.documentElement, document.body]) {
      const style = getComputedStyle(root);
      if (style.overflowY === 'hidden') root.style.setProperty('overflow', 'auto', 'important');
      if (style.position === 'fixed') root.style.setProperty('position', 'static', 'important');
    }
  }

  function above(x, y) {
    let found = null;
    for (let el = document.elementFromPoint(x, y); el && !el.matches('html, body'); el = el.parentElement) {
      const style = getComputedStyle(el);
      if (fixed(style) && Number(style.zIndex) > 0) found = el;
    }
    return found;
  }

  function covers(el) {
    const box = el.getBoundingClientRect();
    return box.width * box.height >= COVERS * innerWidth * innerHeight;
  }

  function look() {
    timer = 0;
    if (!document.body || ++runs > MOST_RUNS) return;
    const total = textOf(document.body);
    const known = [...document.querySelectorAll(DIALOGS),
      ...[...document.querySelectorAll(NAMED)].filter(el => fixed(getComputedStyle(el)))];
    for (const el of known) {
      const whole = el.matches(CONTENT) || el.querySelector('main, article');
      if (!el.hasAttribute('reader-overlay') && !whole && textOf(el) <= MOST * total) hide(el);
    }
    for (const [x, y] of POINTS) {
      for (let layer = 0; layer < LAYERS; layer++) {
        const el = above(x * innerWidth, y * innerHeight);
        if (!el || el.matches(CONTENT) || !covers(el) || textOf(el) > MUCH * total) break;
        hide(el);
      }
    }
  }

  const soon = () => { timer ||= setTimeout(look, PAUSE_MS); };
  addEventListener('DOMContentLoaded', look);
  addEventListener('load', look);
  new MutationObserver(soon).observe(document, {childList: true, subtree: true, attributes: true,
    attributeFilter: ['class', 'open', 'aria-modal', 'hidden', 'style']});
})();
