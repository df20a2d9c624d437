// The ES module against the scripted server and, where READER_BASE says so, the real service.
// test_module.py starts both and says where they are.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  IntegrityError,
  ReaderError,
  TransportError,
  read,
  stream,
} from "../../reader_stream/web/playground/reader-stream.mjs";

const { SCRIPTED, CONTENT, READER_BASE, READER_PAGE, READER_CUTTING, READER_PLAIN } = process.env;
const URL_READ = "https://example.com/a b?q=1#/route";
const scripts = { skip: SCRIPTED === undefined && "needs the scripted server" };
const service = { skip: READER_BASE === undefined && "needs a real service" };

async function all(name, options) {
  const documents = [];
  for await (const document of stream(`${SCRIPTED}${name}`, URL_READ, options)) documents.push(document);
  return documents;
}

test("documents come folded, the last one final, verified and with its completeness", scripts, async () => {
  const documents = await all("whole");
  const last = documents.at(-1);
  assert.equal(documents[0].content.split("\n\n").length, 3);
  assert.equal(documents[0].progress.phase, "interactive");
  assert.ok(documents.slice(0, -1).every((document) => !document.final));
  assert.equal(last.content, CONTENT);
  assert.equal(last.data.content, CONTENT);
  assert.deepEqual([last.final, last.verified, last.title], [true, true, "Café"]);
  assert.deepEqual(last.completeness, { state: "partial", reasons: ["timeout"] });
});

test("snapshots are taken as well", scripts, async () => {
  const last = (await all("snapshots", { streamMode: "snapshot" })).at(-1);
  assert.equal(last.content, CONTENT);
});

for (const name of ["cut", "cut-half", "cut-whole", "cut-half-whole"]) {
  test(`however often the connection is cut, the fold is the same (${name})`, scripts, async () => {
    assert.deepEqual(await all(name), await all("whole"));
  });
}

test("any split of the bytes gives the same documents", scripts, async () => {
  assert.deepEqual(await all("crumbs"), await all("whole"));
});

test("a new read starts over, and nothing old is left", scripts, async () => {
  const last = (await all("new")).at(-1);
  assert.deepEqual([last.content, last.final], ["One", true]);
});

test("a connection that falls silent is left for another one", scripts, async () => {
  assert.equal((await all("silent", { silenceMs: 1000 })).at(-1).content, CONTENT);
});

for (const name of ["often", "anew"]) {
  test(`broken too often is an error (${name})`, scripts, async () => {
    await assert.rejects(all(name, { retries: 2 }), (error) => {
      assert.ok(error instanceof TransportError);
      return /broke 3 times/.test(error.message);
    });
  });
}

test("a connection that ends before any answer is replaced by one other at once", scripts, async () => {
  assert.equal((await all("dropped")).at(-1).content, CONTENT);
  await assert.rejects(all("deaf"), /no answer/);
});

test("a wrong address is an error at once", async () => {
  await assert.rejects(read("http://127.0.0.1:9", URL_READ), TransportError);
});

test("an error status is the contract's error", scripts, async () => {
  await assert.rejects(read(`${SCRIPTED}status`, URL_READ), (error) => {
    assert.ok(error instanceof ReaderError);
    const { name, code, status, retryAfter, retryable, message } = error;
    const expected = ["ServiceNodeUnavailableError", 503, 50303, 7, true, "draining"];
    assert.deepEqual([name, code, status, retryAfter, retryable, message], expected);
    return true;
  });
});

test("an error event is the contract's error, after what came before", scripts, async () => {
  const documents = stream(`${SCRIPTED}event`, URL_READ);
  assert.equal((await documents.next()).value.version, 1);
  await assert.rejects(documents.next(), { name: "ParamValidationError", path: "url" });
});

test("an error page of a proxy is the error of its status", scripts, async () => {
  const expected = { name: "ServiceNodeUnavailableError", code: 502, retryAfter: 12 };
  await assert.rejects(read(`${SCRIPTED}proxy`, URL_READ), expected);
});

test("a 204 ends it, and is no success", scripts, async () => {
  await assert.rejects(all("ended"), /has ended/);
});

for (const name of ["digest", "gap", "syntax", "shape"]) {
  test(`events that do not fold are never passed on (${name})`, scripts, async () => {
    await assert.rejects(all(name), IntegrityError);
  });
}

test("what is no event stream is an error", scripts, async () => {
  await assert.rejects(all("page"), /no event stream/);
});

test("url and options go as a JSON body, the key and own headers as headers", scripts, async () => {
  const options = { withIframe: "quoted", apiKey: "secret", headers: { "X-Own": "1" } };
  await read(`${SCRIPTED}sent/`, URL_READ, options);
});

test("leaving the loop closes the connection", scripts, async () => {
  for await (const document of stream(`${SCRIPTED}leave`, URL_READ)) {
    assert.equal(document.version, 1);
    break;
  }
});

test("an abort ends a read that waits for the service, with the signal's reason", scripts, async () => {
  const controller = new AbortController();
  const documents = stream(`${SCRIPTED}abort`, URL_READ, { signal: controller.signal });
  await documents.next();
  const next = documents.next();
  controller.abort(new Error("enough"));
  await assert.rejects(next, /enough/);
});

test("an abort ends the pause before a new connection", scripts, async () => {
  const controller = new AbortController();
  const documents = stream(`${SCRIPTED}pause`, URL_READ, { signal: controller.signal });
  await documents.next();
  setTimeout(() => controller.abort(new Error("enough")), 50);
  await assert.rejects(documents.next(), /enough/);
});

test("a signal that is aborted already sends nothing", scripts, async () => {
  await assert.rejects(read(`${SCRIPTED}never`, URL_READ, { signal: AbortSignal.abort() }), { name: "AbortError" });
});

test("a page in motion, read by the real service", service, async () => {
  const documents = [];
  const asked = { respondWith: "markdown" };
  for await (const document of stream(READER_BASE, READER_PAGE, asked)) documents.push(document);
  assert.ok(documents.length > 2);
  assert.match(documents.at(-1).content, /marker-step-5/);
  assert.ok(documents.at(-1).verified);
});

test("the same through a proxy that cuts after each event", service, async () => {
  const last = await read(READER_CUTTING, READER_PLAIN, { respondWith: "markdown" });
  assert.match(last.content, /marker-step-5/);
});

test("an error of the real service", service, async () => {
  const asked = { targetSelector: "#nowhere", timeout: 2 };
  await assert.rejects(read(READER_BASE, READER_PAGE, asked), { name: "AssertionFailureError", code: 422 });
});
