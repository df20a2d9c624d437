// Client of a Reader Stream service, for browsers and Node 20 or later. No dependencies.
//
//   import { stream, read } from "./reader-stream.mjs";
//   for await (const document of stream("http://127.0.0.1:3000", "https://example.com", { withIframe: true })) {
//     console.log(document.version, document.content);
//   }
//
// Streams come as patches; they are folded here, go on after a broken connection where they were, and
// the whole is checked against the service's digest.

/** Broken connections in a row without anything new; the doubling pauses make 31 s. */
const RETRIES = 5;
/** Until the service says otherwise, as its contract does. */
const RETRY_MS = 1000;
const MAX_PAUSE_MS = 30_000;
/** A stream pings every 10 s: after two lost pings nobody is there any more. */
const SILENCE_MS = 30_000;
const JOINT = "\n\n";

/** A failure that the service tells: `name` is the contract's, `retryAfter` in seconds. */
export class ReaderError extends Error {
  constructor({ name, message, code, status, path, retryable = false, retryAfter }) {
    super(message);
    Object.assign(this, { name, code, status, path, retryable, retryAfter });
  }
}

/** No answer: the service cannot be reached, connections keep breaking, or it is no Reader service. */
export class TransportError extends Error {
  name = "TransportError";
}

/** The events do not fold to the content that the service says it sent. */
export class IntegrityError extends TransportError {
  name = "IntegrityError";
}

/**
 * A document so far. Versions rise within one read; when a read cannot be resumed, a new one starts over.
 * @typedef {object} Document
 * @property {string} url
 * @property {string} title
 * @property {string} content  the main part of what was asked for
 * @property {number} version
 * @property {{phase: string, stability: number, pending: number} | undefined} progress
 * @property {boolean} final  whether it is the last one; only then are the following set
 * @property {boolean | undefined} verified  false where the browser has no crypto.subtle (plain http:)
 * @property {{state: string, reasons: string[]} | undefined} completeness
 * @property {object | undefined} data  all that the service says, as in its JSON answer
 */

/**
 * @typedef {object} Options  Besides these, every option of the contract, as a body names it (`withIframe`, `html`).
 * @property {AbortSignal} [signal]
 * @property {string} [apiKey]
 * @property {Record<string, string>} [headers]  go with every request
 * @property {number} [retries]  connections in a row that may break without anything new
 * @property {number} [silenceMs]  a connection on which nothing comes for so long counts as broken
 */

/**
 * The documents of a read as they come, each with other content; the last has `final` set.
 * @param {string | URL} base  where the service is
 * @param {string | URL} url  the page; "" with `html`
 * @param {Options & Record<string, unknown>} [options]
 * @returns {AsyncGenerator<Document, void, void>}
 * @throws {ReaderError | TransportError | IntegrityError}  and the signal's reason when it is aborted
 */
export async function* stream(base, url, options = {}) {
  const { signal, apiKey, headers, retries = RETRIES, silenceMs = SILENCE_MS, ...asked } = options;
  const request = {
    endpoint: `${String(base).replace(/\/+$/, "")}/`,
    body: JSON.stringify({ streamMode: "patch", ...(url && { url: String(url) }), ...asked }),
    headers: { ...(apiKey && { Authorization: `Bearer ${apiKey}` }), ...headers },
  };
  const state = { fold: new Fold(fieldOf(asked.respondWith)), retryMs: RETRY_MS, answered: false };
  let failures = 0;
  let unanswered = false;
  for (;;) {
    const { fold } = state;
    const before = fold.readId;
    let cause;
    try {
      for await (const document of connection(request, state, new Watch(signal, silenceMs))) {
        // The read goes on where it was, it does not only begin anew.
        if (fold.readId === before) failures = 0;
        yield document;
        if (document.final) return;
      }
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (!(error instanceof Broken)) throw error;
      cause = error.cause;
    }
    const reason = cause ? String(cause) : "the stream ended before its final event";
    if (!state.answered) {
      // A kept connection may have been closed meanwhile, but who cannot be reached is not waited for.
      if (unanswered) throw new TransportError(`no answer: ${reason}`, { cause });
      unanswered = true;
      continue;
    }
    if (failures >= retries) {
      throw new TransportError(`the connection broke ${failures + 1} times: ${reason}`, { cause });
    }
    await pause(Math.min(MAX_PAUSE_MS, state.retryMs * 2 ** failures), signal);
    failures += 1;
  }
}

/**
 * The last document of a read, with `final` set.
 * @param {string | URL} base
 * @param {string | URL} url
 * @param {Options & Record<string, unknown>} [options]
 * @returns {Promise<Document>}
 */
export async function read(base, url, options = {}) {
  let last;
  for await (const document of stream(base, url, options)) last = document;
  return last;
}

/** What one connection brings. Throws Broken when it breaks. */
async function* connection(request, state, watch) {
  try {
    const response = await watch.answer(request, state.fold.lastEventId);
    await check(response, watch);
    state.answered = true;
    const decoder = new Decoder();
    for await (const chunk of watch.chunks(response.body)) {
      for (const message of decoder.feed(chunk)) {
        const document = await state.fold.take(message);
        if (document) yield document;
      }
      state.retryMs = decoder.retryMs ?? state.retryMs;
    }
  } finally {
    watch.end();
  }
}

/** Throws for an answer that is no stream of events. */
async function check(response, watch) {
  const type = response.headers.get("content-type") ?? "";
  if (response.status >= 400) throw errorOf(response, type, await watch.guard(response.text()));
  if (response.status === 204) {
    throw new TransportError("the service says that the stream has ended; its final event never came");
  }
  if (response.status !== 200 || !type.startsWith("text/event-stream")) {
    throw new TransportError(`no event stream, but HTTP status ${response.status} with ${type || "no type"}`);
  }
}

/** The error of an answer: as its body says, else (proxies) by the status. */
function errorOf(response, type, body) {
  let told;
  try {
    const last = type.startsWith("text/event-stream")
      ? [...new Decoder().feed(new TextEncoder().encode(body))].at(-1)?.data
      : body;
    told = JSON.parse(last ?? "null");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (typeof told?.name === "string" && typeof told.message === "string") return new ReaderError(told);
  const unreachable = [502, 503, 504].includes(response.status);
  const retryAfter = /^\d+$/.exec(response.headers.get("retry-after") ?? "");
  return new ReaderError({
    name: unreachable ? "ServiceNodeUnavailableError" : "InternalServerError",
    message: `HTTP status ${response.status} without a word from the service`,
    code: response.status,
    retryable: unreachable || response.status === 429,
    retryAfter: retryAfter ? Number(retryAfter[0]) : undefined,
  });
}

/** A connection broke; `cause` says how. */
class Broken extends Error {}

/** The network's side of one connection: what it throws becomes Broken, silence too. */
class Watch {
  #controller = new AbortController();
  #signal;
  #silenceMs;
  #leave = () => this.#controller.abort(this.#signal.reason);

  constructor(signal, silenceMs) {
    signal?.throwIfAborted();
    this.#signal = signal;
    this.#silenceMs = silenceMs;
    signal?.addEventListener("abort", this.#leave, { once: true });
  }

  answer({ endpoint, body, headers }, lastEventId) {
    const own = { Accept: "text/event-stream", "Content-Type": "application/json" };
    const resume = lastEventId ? { "Last-Event-ID": lastEventId } : {};
    const init = { method: "POST", body, cache: "no-store", signal: this.#controller.signal };
    return this.guard(fetch(endpoint, { ...init, headers: { ...headers, ...own, ...resume } }));
  }

  async *chunks(body) {
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await this.guard(reader.read());
      if (done) return;
      yield value;
    }
  }

  /** The promise's value, in time. */
  async guard(promise) {
    const silence = () => this.#controller.abort(new Error(`nothing came for ${this.#silenceMs} ms`));
    const timer = setTimeout(silence, this.#silenceMs);
    try {
      return await promise;
    } catch (error) {
      throw new Broken("the connection broke", { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Close the connection, whether it has ended or not. */
  end() {
    this.#signal?.removeEventListener("abort", this.#leave);
    this.#controller.abort();
  }
}

/** Takes the messages of one read over all its connections. */
class Fold {
  lastEventId = "";
  #name;
  #blocks = [];
  #document = empty();

  constructor(name) {
    this.#name = name;
  }

  /** The read that the last message was of; empty before the first. */
  get readId() {
    return this.lastEventId.slice(0, Math.max(0, this.lastEventId.lastIndexOf(":")));
  }

  /** The document after this message, undefined where its content is no other than before. */
  async take({ id, event, data }) {
    const before = { content: this.#document.content, readId: this.readId };
    this.lastEventId = id;
    if (this.readId !== before.readId) {
      this.#blocks = [];
      this.#document = empty();
    }
    try {
      await this.#fold(event, data);
    } catch (error) {
      if (error instanceof ReaderError) throw error;
      throw new IntegrityError(`event ${id} cannot be folded: ${error.message}`, { cause: error });
    }
    const news = this.#document.final || this.#document.content !== before.content;
    return news ? this.#document : undefined;
  }

  async #fold(event, text) {
    if (event === "snapshot") this.#snapshot(JSON.parse(text));
    else if (event === "patch") this.#patch(JSON.parse(text));
    else if (event === "final") await this.#final(JSON.parse(text));
    else if (event === "error") throw new ReaderError(JSON.parse(text));
  }

  #snapshot({ url, title, version, progress, blocks, [this.#name]: content }) {
    this.#blocks = blocks ?? [content];
    this.#document = { ...empty(), url, title, version, progress, content: this.#blocks.join(JOINT) };
  }

  #patch({ base, version, start, delete: count, insert, progress }) {
    if (base !== this.#document.version) {
      throw new Error(`a patch of version ${base} for version ${this.#document.version}`);
    }
    const end = start + count;
    if (!(start >= 0 && count >= 0 && end <= this.#blocks.length)) {
      throw new Error(`the splice ends at ${end}, the list at ${this.#blocks.length}`);
    }
    this.#blocks = [...this.#blocks.slice(0, start), ...insert, ...this.#blocks.slice(end)];
    this.#document = { ...this.#document, version, progress, content: this.#blocks.join(JOINT) };
  }

  async #final(data) {
    const { url, title, version, completeness } = data;
    const content = data[this.#name] ?? this.#blocks.join(JOINT);
    const digest = await sha256(content);
    if (digest !== undefined && digest !== data.sha256) {
      throw new Error("the content has another sha256 than the service says");
    }
    const { progress } = this.#document;
    const last = { final: true, verified: digest !== undefined, completeness };
    this.#document = { url, title, version, progress, content, ...last, data: { ...data, [this.#name]: content } };
  }
}

/** `text/event-stream`: bytes in, messages out; any split of the bytes gives the same messages. */
class Decoder {
  retryMs;
  #text = new TextDecoder();
  #rest = "";
  #id = "";
  #event = "";
  #data = [];

  *feed(chunk) {
    const text = this.#rest + this.#text.decode(chunk, { stream: true });
    // A carriage return at the very end may be the first half of a line break.
    const held = text.endsWith("\r") ? "\r" : "";
    const lines = text.slice(0, text.length - held.length).split(/\r\n|\r|\n/);
    this.#rest = lines.pop() + held;
    for (const line of lines) {
      if (line) this.#line(line);
      else yield* this.#dispatch();
    }
  }

  #line(line) {
    const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line);
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#event = value;
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && /^[0-9]+$/.test(value)) this.retryMs = Number(value);
  }

  *#dispatch() {
    const message = { id: this.#id, event: this.#event || "message", data: this.#data.join("\n") };
    const whole = this.#data.length > 0;
    this.#event = "";
    this.#data = [];
    if (whole) yield message;
  }
}

function empty() {
  return { url: "", title: "", content: "", version: 0, progress: undefined, final: false };
}

/** The name of the main part of the answer: `content` where asked for, else the first format. */
function fieldOf(respondWith) {
  const formats = String(respondWith ?? "content").toLowerCase().split(/[+,]/);
  const names = formats.map((name) => name.trim());
  return names.includes("content") ? "content" : names[0];
}

/** In hex; undefined where the browser offers none: crypto.subtle is for secure contexts. */
async function sha256(text) {
  const digest = await globalThis.crypto?.subtle?.digest("SHA-256", new TextEncoder().encode(text));
  return digest && Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", leave);
      resolve();
    }, ms);
    if (signal?.aborted) leave();
    else signal?.addEventListener("abort", leave, { once: true });
  });
}
