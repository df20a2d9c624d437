// Runs in the page's own world, before its scripts: hands every new shadow root to the observer (see there).
(() => {
const attach = Element.prototype.attachShadow, create = Document.prototype.createElement.bind(document, 'button');
const append = Node.prototype.appendChild, remove = Element.prototype.remove, apply = Reflect.apply;
const dispatch = EventTarget.prototype.dispatchEvent, Submit = SubmitEvent;
Object.defineProperty(Element.prototype, 'attachShadow', {writable: true, configurable: true, enumerable: true, value: ({
  attachShadow(init) {
    const root = apply(attach, this, arguments);
    const carrier = create();
    apply(append, root, [carrier]);
    apply(dispatch, window, [new Submit(RS_EVENT, {submitter: carrier})]);
    apply(remove, carrier, []);
    return root;
  },
}).attachShadow});
})();
