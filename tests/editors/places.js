// Where the server is found: the extension is installed, nothing but Python is there, then more and more is chosen.
const assert = require("node:assert/strict");
const vscode = require("vscode");
const { at, labels, until, open, extension, run, inFolder, read, runner } = require("./asking");

const found = async (origin) => {
  const { client } = extension().exports;
  await until(`the server of the ${origin}, not of the ${client.found?.origin}`, () => client.running && client.found.origin === origin, 30000);
  return client.found;
};
const completes = async () => {
  const document = await open("hunt.py");
  const labelled = () => labels(document, at(document, "found = qp.windows."));
  await until("query names", async () => (await labelled()).includes("logons"));
};
const choose = (path) => vscode.extensions.getExtension("ms-python.python").exports.choose(path);
const python = async (name) => (await read(inFolder(name))).trim();

exports.run = runner({
  async "with no huntlens anywhere the copy in the .vsix is started by the plain Python"() {
    await extension().activate();
    const { server, env } = await found("copy in the extension");
    assert.equal(server.command, "python3");
    assert.equal(env.PYTHONPATH, vscode.Uri.joinPath(extension().extensionUri, "bundled").fsPath);
    assert.ok(!extension().extensionPath.includes("editor-client"), "the installed extension, not the folder it is made in");
    await completes();
  },

  async "what runs queries is not in the copy, and that is said"() {
    await run("runQuery", "print 1");
    assert.equal(extension().exports.runner.shown, "");
    await run("doctor");
    const page = vscode.workspace.textDocuments.find((one) => one.uri.path === "/doctor.md");
    assert.match(page.getText(), /pip install huntlens/);
  },

  async "a chosen interpreter without huntlens runs the copy"() {
    choose(await python("plain-python"));
    await until("the interpreter", () => extension().exports.client.found?.server.command !== "python3");
    assert.equal((await found("copy in the extension")).server.command, await python("plain-python"));
  },

  async "a chosen interpreter with huntlens comes before the copy"() {
    choose(await python("full-python"));
    assert.equal((await found("chosen interpreter")).server.command, await python("full-python"));
    await completes();
  },

  async "the setting comes before the chosen interpreter"() {
    const settings = () => vscode.workspace.getConfiguration("huntlens");
    await settings().update("server.command", [await python("full-python")], vscode.ConfigurationTarget.Workspace);
    await found("setting");
    await completes();
  },

  async "no file of the workspace was imported"() {
    await assert.rejects(async () => vscode.workspace.fs.stat(inFolder("ran.txt")));
  },
});
