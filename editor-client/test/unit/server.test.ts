import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { candidates, commandLine, findServer, isPython, whyNot, type Found, type Places } from "../../src/server";

const NOWHERE: Places = { configured: [], interpreter: undefined, environments: [], bundled: undefined };
const EVERYWHERE: Places = { configured: ["/a/python"], interpreter: "/b/python", environments: ["/c/python"], bundled: "/d" };
const found = (command: string, args: string[] = []): Found => ({ server: { command, args }, origin: "setting", env: {} });

test("the setting comes first, then the chosen interpreter, then the copy", () => {
  const all = candidates(EVERYWHERE, "linux");
  assert.deepEqual(all.slice(0, 3).map((one) => one.origin), ["setting", "chosen interpreter", "copy in the extension"]);
  assert.deepEqual(all.map((one) => one.server.command), ["/a/python", "/b/python", "/b/python", "/c/python", "python3", "python"]);
  assert.ok(all.slice(2).every((one) => one.env["PYTHONPATH"] === "/d"));
});

test("where no interpreter is chosen, those of the workspace and of the path stand for it, before the copy", () => {
  const all = candidates({ ...EVERYWHERE, configured: [], interpreter: undefined }, "linux");
  assert.deepEqual(
    all.map((one) => `${one.server.command} ${one.env["PYTHONPATH"] ?? ""}`.trim()),
    ["/c/python", "python3", "python", "/c/python /d", "python3 /d", "python /d"],
  );
});

test("no interpreter takes modules from the folder that it is started in", () => {
  assert.ok(candidates(EVERYWHERE).every((one) => one.server.args[0] === "-P"));
  const line = commandLine(found("/a/python"));
  assert.ok(!(line instanceof Error) && line.args[0] === "-P");
});

test("an interpreter in the setting runs the module, any other program runs as it is", () => {
  assert.deepEqual(candidates({ ...NOWHERE, configured: ["/a/python3.12"] })[0]?.server.args, ["-P", "-m", "huntlens_server"]);
  assert.deepEqual(candidates({ ...NOWHERE, configured: ["huntlens", "lsp"] })[0]?.server, { command: "huntlens", args: ["lsp"] });
});

test("what is a Python interpreter is told by its name", () => {
  assert.ok(["python", "/usr/bin/python3.11", "C:\\Py\\python.exe", "py"].every(isPython));
  assert.ok(!["huntlens", "/opt/pythonic/run"].some(isPython));
});

test("the first that starts is taken, and it is told why the others were not", async () => {
  const places = { ...NOWHERE, configured: ["no-such-program"], interpreter: "b" };
  const result = await findServer(places, async (one) => (one.server.command === "b" ? "" : "not there"));
  assert.equal(result.found?.origin, "chosen interpreter");
  assert.deepEqual(result.tried.map((one) => one.why), ["not there", ""]);
  assert.equal((await findServer(NOWHERE, async () => "no")).found, undefined);
});

test("the command line is that of the same installation; the copy has none", () => {
  assert.deepEqual(commandLine(found("/opt/huntlens", ["lsp"])), { command: "/opt/huntlens", args: [] });
  assert.ok(commandLine({ ...found("python3"), origin: "copy in the extension" }) instanceof Error);
  assert.ok(commandLine(undefined) instanceof Error);
});

test("a program starts when it can tell its help; else its last words say why not", { skip: process.platform === "win32" }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "huntlens-"));
  const program = (name: string, body: string): Found => {
    const file = path.join(folder, name);
    writeFileSync(file, `#!/bin/sh\n${body}\n`);
    chmodSync(file, 0o755);
    return found(file);
  };
  assert.equal(await whyNot(program("good", '[ "$1" = --help ]')), "");
  assert.equal(await whyNot(program("bad", "echo first >&2; echo No module named x >&2; exit 1")), "No module named x");
  assert.match(await whyNot(found(path.join(folder, "absent"))), /ENOENT/);
});
