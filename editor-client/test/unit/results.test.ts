import assert from "node:assert/strict";
import { test } from "node:test";
import { FORMS, queryAt, webview } from "../../src/results";

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>t</title><meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'"><meta name="viewport" content="width=device-width"></head><body><div>$&amp; &lt;script&gt;alert(1)&lt;/script&gt;</div><script type="application/json">{"v":"\\u003cscript>"}</script><script>draw()</script></body></html>
`;
const LOOK = { nonce: "0f0f", dark: true, command: "huntlens.exportResult" };

test("only the constant scripts bear the nonce, and nothing is fetched", () => {
  const html = webview(PAGE, LOOK);
  assert.equal(html.match(/<script nonce="0f0f">/g)?.length, 1);
  assert.match(html, /default-src 'none'; script-src 'nonce-0f0f' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:"/);
  assert.ok(!html.includes("'unsafe-inline'; script"));
  assert.ok(!/script-src[^;]*'unsafe-inline'/.test(html));
});

test("there is one link for each form, and no other command", () => {
  const html = webview(PAGE, LOOK);
  const links = [...html.matchAll(/href="([^"]*)"/g)].map((found) => decodeURIComponent(found[1] ?? ""));
  assert.deepEqual(links, Object.keys(FORMS).map((form) => `command:huntlens.exportResult?["${form}"]`));
});

test("the page is in the colours of the window", () => {
  assert.match(webview(PAGE, LOOK), /color-scheme:dark!important/);
  assert.match(webview(PAGE, { ...LOOK, dark: false }), /color-scheme:light!important/);
});

test("the query at the cursor is the one around it, else the one above, else the first", () => {
  const queries = [{ start: 10, text: "aaaa" }, { start: 20, text: "bbbb" }];
  assert.equal(queryAt(queries, 12), "aaaa");
  assert.equal(queryAt(queries, 24), "bbbb");
  assert.equal(queryAt(queries, 17), "aaaa");
  assert.equal(queryAt(queries, 0), "aaaa");
  assert.equal(queryAt([], 0), undefined);
});
