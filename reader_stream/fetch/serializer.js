// The other half of observer.js: writes the flattened tree as HTML with the marks that model.Capture describes.
//
// Only the first answer is the whole text. Each later one is a list of pieces: new text, or a range of the text before,
// which Python still holds. For that, every element that was written has a record of where its text stood.
const MAX_CHARS = RS.chars;    // of one frame's HTML; beyond it the capture is cut and says so
const THIN = 120;              // visible characters: see THIN_CHARS in settle.py
// ---- what is visible ---------------------------------------------------------------------------------------
const BOXLESS = new Set(['head', 'title', 'base', 'link', 'meta', 'style', 'script', 'template', 'noscript', 'br', 'wbr',
  'option', 'optgroup', 'source', 'track', 'param', 'area', 'map', 'col', 'colgroup', 'slot', 'html', 'rp']);
const SEEN = {visibilityProperty: true, opacityProperty: true}, SHOWN = {visibilityProperty: true};

// `folded`: inside a closed <details> or hidden=until-found, whose content counts as there, though it has no box.
function isHidden(el, folded) {
  if (checkVisibility(el, SEEN)) return false;
  const style = getComputedStyle(el);
  if (style.display === 'none') return true;
  if (style.display === 'contents') return false;
  if (style.visibility !== 'visible') return !anyShown(el);
  // What floats is a menu or a dialog.
  if (style.opacity === '0') return style.position === 'fixed' || style.position === 'absolute' || !fadesIn(el, style);
  return !folded && !checkVisibility(el);
}

function anyShown(el) {
  if (!childElements(el)) return false;
  let budget = 500;
  for (const child of queryIn(el, '*')) if (checkVisibility(child, SHOWN) || --budget < 0) return true;
  return false;
}

const folds = (el, name) =>
  (name === 'details' && !hasAttr(el, 'open')) || attr(el, 'hidden') === 'until-found';

// ---- writing the tree --------------------------------------------------------------------------------------
const VOID = new Set(['area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'source', 'track',
  'wbr', 'param', 'basefont', 'bgsound', 'keygen']);
const DROPPED = new Set(['style', 'template', 'noscript', 'noembed', 'noframes']);
const RENAMED = {frameset: 'body', frame: 'iframe', xmp: 'pre', listing: 'pre', plaintext: 'pre', image: 'img'};
const ENTITY = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\u00a0': '&nbsp;', '\0': ''};
const escapeText = text => /[&<>\u00a0\0]/.test(text) ? text.replace(/[&<>\u00a0\0]/g, c => ENTITY[c]) : text;
const escapeAttr = text => /[&"<>\0]/.test(text) ? text.replace(/[&"<>\0]/g, c => ENTITY[c]) : text;
const NAME = /^[A-Za-z][^\s\/>\0"'<=]*$/, ATTRIBUTE = /^[^\s\/>\0"'<=]+$/;

let out = '', ops = [], pos = 0, bare = null, bareText = false, truncated = false;

function put(text) { out += text; pos += text.length; }

function flushText() { if (out) { ops.push(out.toWellFormed()); out = ''; } }

function copy(start, length) {
  flushText();
  const last = ops[ops.length - 1];
  if (Array.isArray(last) && last[1] === start) last[1] += length;
  else ops.push([start, start + length]);
  pos += length;
}

function nameOf(el) {
  if (namespace(el) !== HTML) { const name = qualified(el); return NAME.test(name) ? name : 'g'; }
  const name = localName(el);
  return RENAMED[name] || (NAME.test(name) ? name : 'span');
}

function attributes(el, name) {
  let text = '';
  named = name;
  for (const key of attrNames(el)) {
    if (key.startsWith('data-rs-') || key.startsWith('on') || key === 'srcdoc' || !ATTRIBUTE.test(key)) continue;
    if (FORM.has(name) && (key === 'value' && name === 'input' || key === 'checked' || key === 'selected')) continue;
    const value = attr(el, key);
    if (LOOKS.has(key)) named += `|${value}`;
    text += ` ${key}="${escapeAttr(value)}"`;
  }
  return FORM.has(name) ? text + formState(el) : text;
}

let named = '';   // what decides how the element looks that `attributes` wrote last
const LOOKS = new Set(['class', 'style', 'id', 'color', 'bgcolor', 'width', 'height']);
const FORM = new Set(['input', 'option', 'img']);

function formState(el) {
  if (el instanceof HTMLInputElement) {
    const type = inputType(el);
    const value = type === 'password' || type === 'file' ? '' : inputValue(el);
    return (value ? ` value="${escapeAttr(value)}"` : '') + (inputChecked(el) ? ' checked=""' : '');
  }
  if (el instanceof HTMLOptionElement) return optionSelected(el) ? ' selected=""' : '';
  if (el instanceof HTMLImageElement && !attr(el, 'src') && currentSrc(el)) return ` src="${escapeAttr(currentSrc(el))}"`;
  return '';
}

// What challenge pages' scripts have in common, as reader_stream/document/walls_signs.py knows it.
const CHALLENGE = new RegExp('_cf_chl_opt|challenge-platform/(?!scripts/jsd)[\\w/]*|captcha-delivery\\.com|px-captcha' +
  '|captcha\\.px-c(?:dn|loud)\\.net|bm-verify|/_sec/cp_challenge|sec-(?:if-cpt|cpt-if)|gokuProps|awsWafCookieDomainList' +
  '|sucuri_cloudproxy_js|check\\.ddos-guard\\.net|/\\.well-known/(?:vercel/security|ddos-guard)/[\\w-]*|/\\.within\\.website/x/[\\w/]*');

// Only data that a reader can use is kept of scripts; their text is raw, so it must not hold an end tag.
function script(el) {
  const type = (attr(el, 'type') || '').toLowerCase();
  const sign = bareText && CHALLENGE.exec(`${attr(el, 'src') || ''}\n${textOf(el).slice(0, 4000)}`);
  if (sign) put(`<script src="${escapeAttr(sign[0])}"></script>`);
  if (!/^(application\/ld\+json|math\/)/.test(type)) return;
  put(`<script type="${escapeAttr(type)}">${textOf(el).replace(/<(?=[\/!])/g, type.includes('json') ? '\\u003c' : '< ')}</script>`);
}

function leaf(el, name) {
  if (name === 'script') { script(el); return true; }
  if (name === 'noscript' && bareText && parentNode(el) !== head(document)) { noscript(el); return true; }
  if (DROPPED.has(name)) return true;
  if ((name === 'object' || name === 'embed') && RS.frames && frames.has(el)) { frame(el); return true; }
  if (name !== 'textarea' && name !== 'iframe' && name !== 'title') return false;
  if (name === 'iframe') frame(el);
  else put(`<${name}${attributes(el, name)}>` + (name === 'textarea' ? '\n' : '') +
    escapeText(name === 'textarea' && el instanceof HTMLTextAreaElement ? areaValue(el) : textOf(el)) + `</${name}>`);
  return true;
}

// With scripts on, its content is one text. A page that shows next to nothing else means it for its readers.
function noscript(el) {
  const parsed = new DOMParser().parseFromString(textOf(el), 'text/html');
  put(`<div>${innerHTML(bodyOf(parsed)).replace(/data-rs-/gi, 'data-').replaceAll('\0', '')}</div>`);
}

function frame(el) {
  const id = frames.get(el);
  const hidden = isHidden(el, false) ? ' data-rs-hidden=""' : '';
  if (RS.frames && id) put(`\0${id}${hidden && ' '}\0`);
  else put(`<iframe${attributes(el, 'iframe')}${hidden}></iframe>`);
}

const rootFor = el => RS.shadow ? roots.get(el) || found(el) : undefined;

function found(el) { const root = openRoot(el); if (root) adopt(root); return root || undefined; }

// Children in the flattened tree: [first, next] where next is a node's sibling or an array's item.
function childrenOf(el, root) {
  if (root) return firstChild(root);
  if (RS.shadow && el instanceof HTMLSlotElement) { const list = assigned(el); if (list.length) return list; }
  return firstChild(el);
}

// One open element: its record, where its text stood before (-1: nowhere) and stands now, what is left to write.
function enter(el, parent, old) {
  const html = namespace(el) === HTML, name = nameOf(el);
  let rec = records.get(el);
  const same = rec && parent && parent.old >= 0 && rec.parent === parent.rec && rec.seen === parent.before;
  const at = same ? parent.old + rec.start : old;
  if (same && rec.dirty === CLEAN && !parent.deep) {
    copyWhole(rec, parent, at);
    return null;
  }
  if (!rec) records.set(el, rec = {start: 0, len: 0, dirty: CLEAN, hidden: false, parent: null, seen: -1, wrote: -1});
  const before = rec.wrote, deep = !!(parent && parent.deep) || rec.dirty === DEEP || everythingDirty;
  rec.start = pos - (parent ? parent.pos : 0);
  rec.dirty = CLEAN;
  rec.parent = parent && parent.rec;
  rec.seen = rec.wrote = epoch;
  const open = {rec, old: at, before: at >= 0 ? before : -2, pos, deep, hidden: parent ? parent.hidden : false,
    folded: parent ? parent.folded : false, close: '', next: null, list: null, index: 0,
    el, look: parent ? parent.look : looks, text: html && !BOXLESS.has(name) ? UNKNOWN : SEEN_TEXT};
  if (html ? leaf(el, name) : name === 'style' || name === 'script') { rec.len = pos - open.pos; return null; }
  begin(el, name, html, open);
  return open;
}

function copyWhole(rec, parent, at) {
  copy(at, rec.len);
  rec.start = pos - rec.len - parent.pos;
  rec.seen = epoch;
}

function begin(el, name, html, open) {
  let hidden = false;
  if (html ? !BOXLESS.has(name) : name === 'svg') hidden = !open.hidden && isHidden(el, open.folded);
  if (bare !== el && name !== 'slot') {
    put(`<${name}${attributes(el, name)}${hidden ? ' data-rs-hidden=""' : ''}>`);
    if (!VOID.has(name) || !html) open.close = `</${name}>`;
    open.look = lookUnder(open.look, named);
  }
  open.hidden ||= hidden;
  if (open.rec.hidden !== open.hidden) open.deep = true;   // its children are marked only where it is not
  open.rec.hidden = open.hidden;
  if (VOID.has(name) && html) return;
  if (folds(el, name)) open.folded = true;
  if (name === 'pre') put('\n');
  const root = rootFor(el);
  if (root) { put('<div data-rs-shadow="">'); open.close = '</div>' + open.close; }
  const children = childrenOf(el, root);
  if (Array.isArray(children)) open.list = children; else open.next = children;
}

function step(open) {
  if (open.list) return open.index < open.list.length ? open.list[open.index++] : null;
  const node = open.next;
  if (node) open.next = nextSibling(node);
  return node;
}

function walk(top) {
  const first = enter(top, null, rootRecord && rootRecord === records.get(top) && !everythingDirty ? 0 : -1);
  const stack = first ? [first] : [];
  while (stack.length) {
    const open = stack[stack.length - 1], node = pos > MAX_CHARS ? null : step(open);
    if (pos > MAX_CHARS) truncated = true;
    if (!node) {
      put(open.close);
      open.rec.len = pos - open.pos;
      stack.pop();
    } else if (nodeType(node) === 1) {
      const child = enter(node, open, -1);
      if (child) stack.push(child);
    } else if (nodeType(node) === 3 || nodeType(node) === 4) {
      writeText(data(node), open);
    }
  }
  rootRecord = records.get(top);
}

function writeText(text, open) {
  const solid = open.text !== SEEN_TEXT && SOLID.test(text);
  if (solid && open.text === UNKNOWN) open.text = !open.hidden && !open.folded && looksConcealed(open) ? UNSEEN_TEXT : SEEN_TEXT;
  put(solid && open.text === UNSEEN_TEXT ? `<span data-rs-hidden="ink">${escapeText(text)}</span>` : escapeText(text));
}

const UNKNOWN = 0, SEEN_TEXT = 1, UNSEEN_TEXT = 2;
const SOLID = /\S/;

function visibleText(enough) {
  const body = bodyOf(document);
  if (!body) return 0;
  const texts = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  let chars = 0, node;
  for (let budget = 5000; chars < enough && budget > 0 && (node = texts.nextNode()); budget--) {
    const length = data(node).trim().length, parent = parentNode(node);
    if (length && !SILENT.has(localName(parent)) && checkVisibility(parent)) chars += length;
  }
  return chars;
}

// ---- what Python calls -------------------------------------------------------------------------------------
globalThis.rs = Object.freeze({
  // `have` is the epoch of the text that Python holds. Answers {epoch, ops: [text | [from, to]…], base, truncated};
  // ops is null when nothing changed. Offsets count UTF-16 code units of that text.
  capture(have, full) {
    notice(observer.takeRecords());
    const inner = window.top !== window, top = inner ? bodyOf(document) : docElement(document);
    if (!top) return {epoch: -1, ops: [''], base: baseURI(document), truncated: false};
    bare = inner ? top : null;
    bareText = visibleText(THIN) < THIN;
    if (full || have !== epoch || (rootRecord && rootRecord !== records.get(top))) everythingDirty = true;
    if (!everythingDirty && rootRecord && rootRecord.dirty === CLEAN) return {epoch, ops: null};
    epoch++;
    out = ''; ops = []; pos = 0; truncated = false; looks = newLook();
    if (everythingDirty) rootRecord = null;
    walk(top);
    everythingDirty = false;
    flushText();
    return {epoch, ops, base: baseURI(document), truncated};
  },
  // A look that is cheap: what has changed since the last push, which selectors match nothing, and how much
  // text shows (counted up to `enough`).
  look(selectors, enough) {
    for (const change of observer.takeRecords()) note(change);
    const counts = [growth, replaced, churn];
    growth = replaced = churn = 0;
    const missing = selectors.filter(s => !query(document, s) && ![...roots.values()].some(r => rootQuery(r, s)));
    return {counts, missing, chars: visibleText(enough)};
  },
  adopt,
  name(el, id) { frames.set(el, id); mark(el, CHANGED); },
});
