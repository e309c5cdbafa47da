// Runs within the extension host of a real VS Code and asks it, through its API, what our server has to say.
const assert = require("node:assert/strict");
const vscode = require("vscode");

const at = (document, text, after = true) => {
  const offset = document.getText().indexOf(text);
  assert.notEqual(offset, -1, `'${text}' is in ${document.uri}`);
  return document.positionAt(offset + (after ? text.length : 0));
};
const ask = (command, document, position, ...more) => vscode.commands.executeCommand(command, document.uri, position, ...more);
const labels = async (document, position) =>
  (await ask("vscode.executeCompletionItemProvider", document, position)).items.map((item) => item.label.label ?? item.label);
const hover = async (document, position) =>
  (await ask("vscode.executeHoverProvider", document, position)).flatMap((one) => one.contents.map((content) => content.value ?? content)).join("\n");
const until = async (what, check, ms = 15000) => {
  const end = Date.now() + ms;
  for (;;) {
    const found = await check();
    if (found) return found;
    assert.ok(Date.now() < end, `waited for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
const findings = (document, code) =>
  until(`${code} in ${document.uri}`, () => vscode.languages.getDiagnostics(document.uri).find((one) => one.code === code));
const open = async (name) => {
  const file = vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, name);
  const document = await vscode.workspace.openTextDocument(file);
  await vscode.window.showTextDocument(document);
  return document;
};

const tests = {
  async "the extension starts the server"() {
    const { client } = await vscode.extensions.getExtension("huntlens.huntlens").activate();
    await until("the server", () => client.running);
    assert.equal(client.found.origin, "setting huntlens.server.command");
  },

  async "query names, parameters and hover in Python"() {
    const document = await open("hunt.py");
    assert.ok((await labels(document, at(document, "found = qp.windows."))).includes("logons"));
    assert.ok((await labels(document, at(document, "qp.windows.logons("))).includes("host="));
    assert.match(await hover(document, at(document, "found = qp.windows.log")), /Successful logons/);
    const help = await ask("vscode.executeSignatureHelpProvider", document, at(document, "qp.windows.logons("));
    assert.match(help.signatures[0].label, /^logons\(/);
  },

  async "entity pivots in Python"() {
    const document = await open("hunt.py");
    assert.ok((await labels(document, at(document, 'Host("web01").windows.'))).includes("logons"));
    assert.ok((await labels(document, at(document, 'hunt.pivot("Host.'))).includes("Host.windows.logons"));
  },

  async "findings, with a fix"() {
    const document = await open("hunt.py");
    const finding = await findings(document, "HL101");
    const actions = await ask("vscode.executeCodeActionProvider", document, finding.range);
    assert.ok(actions.some((action) => /Change to windows\.logons/.test(action.title)), "a fix is offered");
  },

  async "go to the definition of a query"() {
    const document = await open("hunt.py");
    const places = await ask("vscode.executeDefinitionProvider", document, at(document, "found = qp.windows.log"));
    assert.match(String((places[0].uri ?? places[0].targetUri).path), /\.yaml$/);
  },

  async "KQL files: colours, completion, findings"() {
    const document = await open("triage.kql");
    assert.equal(document.languageId, "kusto");
    assert.ok((await labels(document, at(document, "| where "))).includes("EventID"));
    await until("findings", () => vscode.languages.getDiagnostics(document.uri).length > 0);
  },

  async "cells know each other, KQL cells are KQL"() {
    const file = vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, "hunt.ipynb");
    const notebook = await vscode.workspace.openNotebookDocument(file);
    await vscode.window.showNotebookDocument(notebook);
    const [, call, kql, pivot] = notebook.getCells().map((cell) => cell.document);
    await until("completion in a cell", async () => (await labels(call, at(call, "qp.windows"))).includes("windows"));
    assert.ok((await labels(kql, at(kql, "| where Ev"))).includes("EventID"));
    assert.ok((await labels(pivot, at(pivot, "%pivot Host."))).includes("Host.windows.logons"));
    await findings(call, "HL101");
  },

  async "query packs"() {
    const document = await open("queries/mine.yaml");
    await findings(document, "HL301");
    assert.ok((await labels(document, at(document, "| where "))).includes("EventID"));
  },

  async "renaming a query over two files"() {
    const document = await open("hunt.py");
    const edit = await ask("vscode.executeDocumentRenameProvider", document, at(document, "qp.mine.log"), "seen");
    const files = edit.entries().map(([uri]) => uri.path.split("/").pop()).sort();
    assert.deepEqual(files, ["hunt.py", "mine.yaml"]);
  },

  async "lenses: run a query, and count the uses of one"() {
    const kql = await open("triage.kql");
    const lenses = await vscode.commands.executeCommand("vscode.executeCodeLensProvider", kql.uri);
    assert.deepEqual(lenses.map((lens) => lens.command.title).sort(), ["Run query", "Show SQL"]);
    const pack = await open("queries/mine.yaml");
    const counts = await vscode.commands.executeCommand("vscode.executeCodeLensProvider", pack.uri);
    assert.match(counts[0].command.title, /^1 use$/);
  },

  async "running a query, and showing its SQL"() {
    await vscode.commands.executeCommand("huntlens.showSql", "print x = 1 + 1");
    assert.match(vscode.window.activeTextEditor.document.getText(), /select/i);
    await vscode.commands.executeCommand("huntlens.runQuery", "print x = 1 + 1");
    const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map((tab) => tab.label));
    await until("the result", () => tabs().includes("Hunt result"));
  },

  async "the Hunt view knows queries and entities"() {
    const { client } = vscode.extensions.getExtension("huntlens.huntlens").exports;
    const queries = await client.ask("huntlens.server.catalog");
    assert.ok(queries.some((query) => query.id === "windows.logons"));
    const entities = await client.ask("huntlens.server.entities");
    assert.ok(entities.some((entity) => entity.name === "Host" && entity.pivots.length > 3));
    await vscode.commands.executeCommand("workbench.view.extension.huntlens");
  },
};

exports.run = async () => {
  const wanted = process.env.HUNTLENS_SUITE;
  let failed = 0;
  for (const [name, test] of Object.entries(tests)) {
    if (wanted && !name.includes(wanted)) continue;
    const started = Date.now();
    try {
      await test();
      console.log(`passed: ${name} (${Date.now() - started} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED: ${name}: ${error.stack ?? error}`);
    }
  }
  if (failed) throw new Error(`${failed} failed`);
};
