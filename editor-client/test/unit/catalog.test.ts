import assert from "node:assert/strict";
import { test } from "node:test";
import { currentConnection, kqlName, literal, pivotCall, queryCall, queryOfPack, type Session } from "../../src/catalog";

const parameter = (name: string, required: boolean) => ({ name, type: "string", required });
const QUERY = {
  id: "windows.logons", pack: "p", summary: "", environments: [], path: "", line: 1,
  parameters: [parameter("host", true), parameter("limit", false), parameter("account", true)],
};

test("a call has stops for what it needs, after the variable of the connection", () => {
  assert.equal(queryCall(QUERY), "qp.windows.logons(host=${1}, account=${2})");
  assert.equal(queryCall({ ...QUERY, parameters: [] }, "prod"), "prod.windows.logons()");
});

test("the query of a pack is the last that begins above", () => {
  const at = (path: string, line: number) => ({ ...QUERY, path, line });
  const queries = [at("/a.yaml", 20), at("/a.yaml", 5), at("/b.yaml", 7)];
  assert.equal(queryOfPack(queries, "/a.yaml", 19)?.line, 5);
  assert.equal(queryOfPack(queries, "/a.yaml", 20)?.line, 20);
  assert.equal(queryOfPack(queries, "/a.yaml", 4), undefined);
});

test("a pivot is a magic where the line is one", () => {
  assert.equal(pivotCall("Host", "windows.logons"), 'Host("${1:value}").windows.logons()');
  assert.equal(pivotCall("Host", "windows.logons", "%piv"), "%pivot Host.windows.logons ${1:value}");
});

test("names that KQL would not take as they are, are quoted; snippets write them as they are", () => {
  assert.equal(kqlName("SecurityEvent"), "SecurityEvent");
  assert.equal(kqlName("a b's"), "['a b\\'s']");
  assert.equal(literal("a$b}c\\"), "a\\$b\\}c\\\\");
});

test("the connection of a notebook is the current one of its kernel, that of a file the one of its folder", () => {
  const one = (environment: string, current: boolean) => ({ environment, variable: "", current, timespan: "7d", tables: {} });
  const session = (notebook: string, cwd: string): Session => ({ notebook, cwd, frames: {}, connections: { a: one("local", false), b: one("sentinel", true) } });
  const sessions = [session("/h/case.ipynb", "/h"), session("", "/other")];
  assert.equal(currentConnection(sessions, "/h/case.ipynb")?.name, "b");
  assert.equal(currentConnection(sessions, "/other/x.py")?.name, "b");
  assert.equal(currentConnection(sessions, "/h/x.py"), undefined);
});
