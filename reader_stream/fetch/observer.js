// Runs in an isolated world of every frame, before the page's own scripts, in one function together with
// serializer.js; `RS` holds the options {frames, shadow}.
//
// This half says "changed" (pushed through the binding `rsPush`, throttled on the leading edge) and remembers what
// must be written anew. The page's code cannot reach this world; what it can do is name form fields and images after
// DOM properties ("clobbering"), so every property of a node is read through the prototype's own getter.
const THROTTLE_MS = 64;   // four frames: a mutation is seen after one frame, a busy page costs 15 messages/s
// A place that is replaced more often than this is a ticker, not content. Clocks (1/s) pass between two changes.
const CHURN_TIMES = 8, CHURN_WINDOW_MS = 4000;
const CLEAN = 0, CHANGED = 1, DEEP = 2;   // DEEP: the whole subtree's visibility may have changed

// ---- the DOM, read past anything that the page can shadow --------------------------------------------------
const uncurry = fn => Function.prototype.call.bind(fn);
const getter = (type, name) => uncurry(Object.getOwnPropertyDescriptor(type.prototype, name).get);
const method = (type, name) => uncurry(type.prototype[name]);
const firstChild = getter(Node, 'firstChild'), nextSibling = getter(Node, 'nextSibling');
const parentNode = getter(Node, 'parentNode'), nodeType = getter(Node, 'nodeType'), baseURI = getter(Node, 'baseURI');
const textOf = getter(Node, 'textContent'), data = getter(CharacterData, 'data');
const isConnected = getter(Node, 'isConnected'), rootNode = method(Node, 'getRootNode');
const localName = getter(Element, 'localName'), namespace = getter(Element, 'namespaceURI');
const qualified = getter(Element, 'tagName'), openRoot = getter(Element, 'shadowRoot');
const attrNames = method(Element, 'getAttributeNames'), attr = method(Element, 'getAttribute');
const hasAttr = method(Element, 'hasAttribute'), queryIn = method(Element, 'querySelectorAll');
const checkVisibility = method(Element, 'checkVisibility'), childElements = getter(Element, 'childElementCount');
const docElement = getter(Document, 'documentElement'), bodyOf = getter(Document, 'body');
const head = getter(Document, 'head'), innerHTML = getter(Element, 'innerHTML');
const query = method(Document, 'querySelector'), readyState = getter(Document, 'readyState');
const rootQuery = method(DocumentFragment, 'querySelector'), hostOf = getter(ShadowRoot, 'host');
const assigned = method(HTMLSlotElement, 'assignedNodes');
const inputValue = getter(HTMLInputElement, 'value'), inputType = getter(HTMLInputElement, 'type');
const inputChecked = getter(HTMLInputElement, 'checked'), areaValue = getter(HTMLTextAreaElement, 'value');
const optionSelected = getter(HTMLOptionElement, 'selected'), currentSrc = getter(HTMLImageElement, 'currentSrc');
const HTML = 'http://www.w3.org/1999/xhtml';
const push = globalThis.rsPush;

// ---- what changed ------------------------------------------------------------------------------------------
// One record per element that was written: where its text begins (relative to its parent's) and how long it is.
const records = new WeakMap();    // Element -> {start, len, dirty, hidden, parent, seen, wrote}
const roots = new Map();          // host -> ShadowRoot, open and closed
const frames = new WeakMap();     // frame element -> id that Python gave it
const places = new WeakMap();     // node -> {high, times}: how its text grew and how often it was replaced
let rootRecord = null, epoch = 0, everythingDirty = true;
let growth = 0, replaced = 0, churn = 0, timer = 0, lastPush = -Infinity;

function mark(node, level) {
  while (node && !records.has(node)) node = parentNode(node) || (node instanceof ShadowRoot ? hostOf(node) : null);
  let rec = node ? records.get(node) : rootRecord;
  if (!rec) return;
  if (rec.dirty < level) rec.dirty = level;
  for (rec = rec.parent; rec && rec.dirty === CLEAN; rec = rec.parent) rec.dirty = CHANGED;
}

// A place grows when it holds more than ever before; all else is replacement, and churn when it goes on and on.
function changedAt(node, count, length) {
  let place = places.get(node);
  if (!place) places.set(node, place = {count: 0, length: 0, times: []});
  if (count > place.count || length > place.length) {
    place.count = Math.max(count, place.count);
    place.length = Math.max(length, place.length);
    growth++;
    return;
  }
  const now = performance.now(), times = place.times;
  times.push(now);
  while (times[0] < now - CHURN_WINDOW_MS) times.shift();
  if (times.length > CHURN_TIMES) churn++; else replaced++;
}

const SILENT = new Set(['script', 'style', 'link', 'meta', 'base', 'template', 'noscript']);
const SMALL = 8;   // children; the text of a place with more is not measured at each change
const RESTYLES = new Set(['style', 'link']);

function weigh(nodes) {
  let weight = 0;
  for (const node of nodes) {
    const type = nodeType(node);
    if (type === 3) weight += data(node).trim() ? 1 : 0;
    else if (type === 1) {
      const name = localName(node);
      if (RESTYLES.has(name)) everythingDirty = true;
      if (!SILENT.has(name)) weight++;
    }
  }
  return weight;
}

const HARMLESS = new Set(['src', 'srcset', 'href', 'alt', 'title', 'width', 'height', 'content', 'value', 'datetime']);

function note(change) {
  const target = change.target;
  if (change.type === 'attributes') {
    mark(target, HARMLESS.has(change.attributeName) ? CHANGED : DEEP);
    return changedAt(target, 0, 0);
  }
  const place = change.type === 'characterData' ? parentNode(target) : target;
  mark(place, roots.has(place) ? DEEP : CHANGED);
  if (place && nodeType(place) === 1 && RESTYLES.has(localName(place))) everythingDirty = true;
  if (change.type === 'characterData') return changedAt(target, 0, data(target).length);
  const added = weigh(change.addedNodes), removed = weigh(change.removedNodes);
  if (!added && !removed) return;
  if (!added || nodeType(target) !== 1) return changedAt(target, 0, 0);
  const count = childElements(target);
  changedAt(target, count, count <= SMALL ? textOf(target).length : 0);
}

function notice(changes) {
  listen();
  if (epoch === 0 && readyState(document) === 'loading') growth++;
  else for (const change of changes) note(change);
  tell();
}

function tell() {
  if (timer || !(growth || replaced || churn)) return;
  const wait = lastPush + THROTTLE_MS - performance.now();
  if (wait > 0) timer = setTimeout(() => { timer = 0; send(); }, wait);
  else send();
}

function send() {
  if (!(growth || replaced || churn)) return;   // a look has taken them meanwhile
  lastPush = performance.now();
  const counts = [growth, replaced, churn];
  growth = replaced = churn = 0;
  push(counts.join());
}

const observer = new MutationObserver(notice);
const WATCHED = {childList: true, characterData: true, attributes: true, subtree: true};
observer.observe(document, WATCHED);
const CAPTURED = {capture: true, passive: true};
const edited = event => { mark(event.target, CHANGED); replaced++; tell(); };
// A style sheet that arrives can hide or show anything.
const arrived = event => { if (event.target instanceof HTMLLinkElement) everythingDirty = true; };
// The hook in the page's world (shadow.js) hands each new root over as the root of an event's submitter: the one
// reference that the platform passes between worlds without hiding closed trees. A forged event can only name a
// root that exists, so nothing needs to be believed.
const attached = event => {
  const root = event.submitter && rootNode(event.submitter);
  if (root instanceof ShadowRoot) adopt(root);
};

// Again and again, for `document.open` takes all listeners away.
function listen() {
  for (const type of ['input', 'change', 'reset']) addEventListener(type, edited, CAPTURED);
  addEventListener('load', arrived, CAPTURED);
  if (RS.shadow) addEventListener(RS.shadow, attached, CAPTURED);
}

function adopt(root) {
  const host = hostOf(root);
  if (roots.get(host) === root) return;
  roots.set(host, root);
  observer.observe(root, WATCHED);
  root.addEventListener('slotchange', event => { mark(hostOf(root), DEEP); replaced++; tell(); });
  mark(host, DEEP);
  if (isConnected(host)) { growth++; tell(); }
}
listen();

