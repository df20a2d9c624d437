// Third part of observer.js: text that has its place on the page and that nobody can see. Hidden instructions for
// language models are written so; so are labels for screen readers. Asked of an element that holds text itself.
const LEAST_FONT_PX = 1, AWAY_PX = -500;
const CLIPS = /^(?:inset\((?:[5-9]\d|100)|circle\(0|rect\(0px,? 0px,? 0px,? 0px\)|rect\(1px,? 1px,? 1px,? 1px\))/;
const CLEAR = /^rgba\(.*, 0\)$/;
const box = method(Element, 'getBoundingClientRect'), parentOf = getter(Node, 'parentElement');
const scripts = getter(Document, 'scripts');

// Content that fades in as one scrolls is transparent but holds its place; where it stands in the window and has not
// come, or no script could bring it, it never will.
function fadesIn(el, style) {
  if (style.animationName !== 'none' || /[1-9]/.test(style.transitionDuration) || style.transform !== 'none') return true;
  if (el === bodyOf(document) || style.willChange.includes('opacity')) return true;
  const place = box(el);
  return (place.top > innerHeight || place.bottom < 0) && scripts(document).length > 0;
}

// Elements that are named alike in places that are named alike look alike, so one of them is asked: 20 µs each.
const newLook = () => ({concealed: null, under: new Map()});
let looks = newLook();

function lookUnder(look, name) {
  let found = look.under.get(name);
  if (!found) look.under.set(name, found = newLook());
  return found;
}

function looksConcealed(open) {
  if (open.look.concealed === null) open.look.concealed = isConcealed(open.el, new Map());
  return open.look.concealed;
}

function isConcealed(el, papers) {
  const style = getComputedStyle(el);
  if (parseFloat(style.fontSize) <= LEAST_FONT_PX || parseFloat(style.textIndent) <= AWAY_PX) return true;
  const ink = style.webkitTextFillColor;
  if (CLEAR.test(ink) ? style.textShadow === 'none' && !cutOut(el) : isInkless(el, ink, papers)) return true;
  return isClipped(el, style) || isAway(el);
}

// A gradient that shows through the letters.
function cutOut(el) {
  for (let n = 0; el && n < 4; n++, el = parentOf(el)) if (getComputedStyle(el).webkitBackgroundClip === 'text') return true;
  return false;
}

function isClipped(el, style) {
  if (CLIPS.test(style.clipPath) || (CLIPS.test(style.clip) && isLoose(style)) || isTiny(el, style)) return true;
  const parent = parentOf(el);
  if (!parent) return false;
  const around = getComputedStyle(parent);
  return CLIPS.test(around.clipPath) || (CLIPS.test(around.clip) && isLoose(around)) || isTiny(parent, around);
}

const isLoose = style => style.position === 'absolute' || style.position === 'fixed';

function isTiny(el, style) {
  if (style.overflowX === 'visible' || style.display === 'contents' || style.display === 'inline') return false;
  const place = box(el);
  return place.width <= 1 && place.height <= 1;
}

// Left or above of where one can scroll to. Slides of a carousel are moved there by a transform, to come back.
function isAway(el) {
  const place = box(el);
  if (place.right + scrollX > 0 && place.bottom + scrollY > 0) return false;
  for (let n = 0; el && n < 4; n++, el = parentOf(el)) {
    const style = getComputedStyle(el);
    const moved = isLoose(style) ? [style.left, style.top] : [style.marginLeft, style.marginTop];
    if (moved.some(length => parseFloat(length) <= AWAY_PX)) return true;
  }
  return false;
}

// In the very colour of what is behind it. Text over a picture, or laid over something, has no background to know.
function isInkless(el, ink, papers) { return paperOf(el, papers) === ink; }

function paperOf(el, papers) {
  if (!el) return getComputedStyle(docElement(document)).colorScheme.includes('dark') ? '' : 'rgb(255, 255, 255)';
  let paper = papers.get(el);
  if (paper !== undefined) return paper;
  const style = getComputedStyle(el), colour = style.backgroundColor;
  if (style.backgroundImage !== 'none' || style.position !== 'static' || style.mixBlendMode !== 'normal') paper = '';
  else paper = CLEAR.test(colour) ? paperOf(parentOf(el), papers) : colour.startsWith('rgba') ? '' : colour;
  papers.set(el, paper);
  return paper;
}
