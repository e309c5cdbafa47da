// What is left in a workspace that is not trusted, and what is not done in it.
const assert = require("node:assert/strict");
const vscode = require("vscode");
const { at, labels, hover, until, findings, open, extension, run, inFolder, scratch, runner } = require("./asking");

exports.run = runner({
  async "the workspace is not trusted, and says nothing of the server"() {
    assert.equal(vscode.workspace.isTrusted, false);
    const { client } = await extension().activate();
    await until("the server", () => client.running);
    assert.notEqual(client.found.origin, "setting");
    const places = client.tried.map((one) => one.found.server.command);
    assert.ok(!places.some((one) => one.includes(vscode.workspace.workspaceFolders[0].uri.fsPath)), places.join());
  },

  async "settings of the workspace that name paths are not read"() {
    const settings = vscode.workspace.getConfiguration("huntlens");
    for (const name of ["server.command", "packs", "local.data"]) assert.deepEqual(settings.get(name), [], name);
    const ids = async () => (await extension().exports.client.ask("huntlens.server.catalog")).map((one) => one.id);
    await until("the packs that come along", async () => (await ids()).includes("windows.logons"));
    assert.ok(!(await ids()).includes("elsewhere.logons"), "packs that the workspace points to are not read");
  },

  async "completion, hover and findings are as ever"() {
    const document = await open("hunt.py");
    assert.ok((await labels(document, at(document, "found = qp.windows."))).includes("logons"));
    assert.match(await hover(document, at(document, "found = qp.windows.log")), /Successful logons/);
    await findings(document, "HL101");
  },

  async "no lens runs anything"() {
    const document = await open("triage.kql");
    assert.deepEqual(await vscode.commands.executeCommand("vscode.executeCodeLensProvider", document.uri), []);
  },

  async "no command runs anything"() {
    const { runner } = extension().exports;
    await scratch("kusto", "print 1");
    for (const name of ["runQuery", "runSelection", "showSql"]) {
      await run(name, "print 1").then(undefined, (error) => assert.match(String(error), /not enabled|disabled/i));
    }
    assert.equal(runner.shown, "");
    await run("doctor");
    const page = vscode.workspace.textDocuments.find((one) => one.uri.path === "/doctor.md");
    assert.match(page.getText(), /not trusted/);
    assert.match(page.getText(), /trusted workspaces only|pip install huntlens/);
  },

  async "nothing of the workspace was run or imported"() {
    await assert.rejects(async () => vscode.workspace.fs.stat(inFolder("ran.txt")));
  },
});
