import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { answers, candidates, findServer, isPython, type Places } from "../../src/server";

const NOWHERE: Places = { configured: [], interpreter: undefined, environments: [], bundled: undefined };

test("the setting comes first, then the interpreter, the workspace, the path, the copy", () => {
  const places: Places = { configured: ["/a/python"], interpreter: "/b/python", environments: ["/c/python"], bundled: "/d" };
  const found = candidates(places, "linux");
  assert.deepEqual(
    found.map((one) => one.server.command),
    ["/a/python", "/b/python", "/c/python", "python3", "python", "/b/python"],
  );
  assert.equal(found.at(-1)?.env["PYTHONPATH"], "/d");
});

test("an interpreter in the setting runs the module, any other program runs as it is", () => {
  assert.deepEqual(candidates({ ...NOWHERE, configured: ["/a/python3.12"] })[0]?.server.args, ["-m", "huntlens_server"]);
  assert.deepEqual(candidates({ ...NOWHERE, configured: ["huntlens", "lsp"] })[0]?.server, { command: "huntlens", args: ["lsp"] });
});

test("what is a Python interpreter is told by its name", () => {
  assert.ok(["python", "/usr/bin/python3.11", "C:\\Py\\python.exe", "py"].every(isPython));
  assert.ok(!["huntlens", "/opt/pythonic/run"].some(isPython));
});

test("the first that answers is taken", async () => {
  const found = await findServer({ ...NOWHERE, configured: ["no-such-program"], interpreter: "b" }, async (one) => one.server.command === "b");
  assert.equal(found?.origin, "selected interpreter");
});

test("none answers: undefined", async () => {
  assert.equal(await findServer(NOWHERE, async () => false), undefined);
});

test("a program answers when it can tell its help", { skip: process.platform === "win32" }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "huntlens-"));
  const good = path.join(folder, "good");
  const bad = path.join(folder, "bad");
  writeFileSync(good, "#!/bin/sh\n[ \"$1\" = --help ]\n");
  writeFileSync(bad, "#!/bin/sh\nexit 1\n");
  chmodSync(good, 0o755);
  chmodSync(bad, 0o755);
  const found = (command: string) => ({ server: { command, args: [] }, origin: "", env: {} });
  assert.equal(await answers(found(good)), true);
  assert.equal(await answers(found(bad)), false);
  assert.equal(await answers(found(path.join(folder, "absent"))), false);
});
