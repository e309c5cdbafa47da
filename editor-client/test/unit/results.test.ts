import assert from "node:assert/strict";
import { test } from "node:test";
import { csv, escape, page } from "../../src/results";

const HOSTILE = `<img src=x onerror="alert(1)"></script>'\`&`;

test("no value of a result becomes markup", () => {
  const html = page(HOSTILE, [{ [HOSTILE]: HOSTILE, b: { deep: HOSTILE } }], HOSTILE);
  assert.ok(!html.includes("<img"));
  assert.ok(!html.includes("</script>"));
  assert.match(html, /default-src 'none'/);
});

test("all columns of all rows are shown", () => {
  const html = page("t", [{ a: 1 }, { b: null }, { a: 2, b: "x" }]);
  assert.match(html, /<th>a<\/th><th>b<\/th>/);
  assert.match(html, /3 rows/);
});

test("long results are cut and say so", () => {
  const rows = Array.from({ length: 1500 }, (_, n) => ({ n }));
  assert.match(page("t", rows), /1000 of 1500 rows/);
});

test("CSV quotes what needs it and starts no formula", () => {
  assert.equal(csv([{ a: 'x"y', b: "=1+1" }, { a: "c,d", b: -3 }]), 'a,b\r\n"x""y",\'=1+1\r\n"c,d",-3\r\n');
});

test("an empty result is a page too", () => {
  assert.match(page("t", []), /0 rows/);
  assert.equal(escape("a"), "a");
});
