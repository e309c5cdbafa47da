// Runs within the extension host of a real VS Code and asks it, through its API, what our server has to say.
const assert = require("node:assert/strict");
const vscode = require("vscode");
const { at, ask, labels, hover, until, findings, open, extension, run, inFolder, read, scratch, visible, put, runner } = require("./asking");

const tests = {
  async "the extension starts the server"() {
    const { client } = await extension().activate();
    await until("the server", () => client.running);
    assert.equal(client.found.origin, "setting");
    assert.ok(vscode.env.remoteName, "this is a remote window");
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
    const [, call, kql, pivot, kusto] = notebook.getCells().map((cell) => cell.document);
    await until("completion in a cell", async () => (await labels(call, at(call, "qp.windows"))).includes("windows"));
    assert.ok((await labels(kql, at(kql, "| where Ev"))).includes("EventID"));
    assert.ok((await labels(pivot, at(pivot, "%pivot Host."))).includes("Host.windows.logons"));
    await findings(call, "HL101");
    assert.equal(kusto.languageId, "kusto");
    assert.ok((await labels(kusto, at(kusto, "| where "))).includes("UserPrincipalName"));
    await findings(kusto, "KQL104");
  },

  async "query packs"() {
    const document = await open("queries/mine.yaml");
    await findings(document, "HL301");
    assert.ok((await labels(document, at(document, "| where "))).includes("EventID"));
  },

  async "queries of tasks"() {
    const document = await open(".vscode/tasks.json");
    await findings(document, "HL101");
    assert.ok((await labels(document, at(document, "huntlens query windows."))).some((label) => /logons$/.test(label)));
  },

  async "renaming a query over two files"() {
    const document = await open("hunt.py");
    const edit = await ask("vscode.executeDocumentRenameProvider", document, at(document, "qp.mine.log"), "seen");
    const files = edit.entries().map(([uri]) => uri.path.split("/").pop()).sort();
    assert.deepEqual(files, ["hunt.py", "mine.yaml"]);
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.match(document.getText(), /qp\.mine\.seen\(/);
    const pack = await vscode.workspace.openTextDocument(inFolder("queries", "mine.yaml"));
    assert.match(pack.getText(), /^  mine\.seen:/m);
    for (const changed of [document, pack]) {
      await vscode.window.showTextDocument(changed);
      await vscode.commands.executeCommand("workbench.action.files.revert");
    }
  },

  async "lenses: run a query, and count the uses of one"() {
    const titles = async (uri) => (await vscode.commands.executeCommand("vscode.executeCodeLensProvider", uri)).map((lens) => lens.command.title).sort();
    const kql = await open("triage.kql");
    assert.deepEqual(await titles(kql.uri), ["Run query", "Show SQL"]);
    const pack = await open("queries/mine.yaml");
    await until("the count", async () => (await titles(pack.uri)).includes("1 use"));
    const notebook = await vscode.workspace.openNotebookDocument(inFolder("hunt.ipynb"));
    await vscode.window.showNotebookDocument(notebook);
    const cell = notebook.getCells()[2].document.uri;
    assert.deepEqual(await titles(cell), ["Run query", "Show SQL"]);
    const [lens] = await vscode.commands.executeCommand("vscode.executeCodeLensProvider", cell);
    assert.deepEqual(lens.command.arguments, ["SecurityEvent\n| where EventID == 4625"]);
  },

  async "snippets of KQL are offered"() {
    const editor = await scratch("kusto", "hunt-");
    await until("a snippet", async () => (await labels(editor.document, new vscode.Position(0, 5))).includes("hunt-failed-logons"));
  },

  async "running the query at the cursor: a page with a table and a picture, hostile values as text"() {
    const { runner } = extension().exports;
    const text = "SecurityEvent\n| summarize Failures = count() by TargetUserName\n| render columnchart";
    put(await scratch("kusto", text), new vscode.Position(1, 3));
    await run("runQuery");
    const page = await until("the page", () => runner.shown);
    assert.ok(page.includes("ana") && page.includes("huntlens-table") && page.includes("huntlens-plot"), "a table and a picture");
    assert.ok(!page.includes("<img") && !page.includes("<script>window.ran"), "values are text");
    assert.match(page, /script-src 'nonce-[0-9a-f]{32}' 'unsafe-eval'/);
    const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map((tab) => tab.label));
    await until("its tab", () => tabs().includes("Hunt result"));
  },

  async "exporting the answer in each form"() {
    for (const form of ["csv", "json", "parquet", "html"]) {
      const file = inFolder(`out.${form}`);
      await run("exportResult", form, file);
      assert.ok((await vscode.workspace.fs.stat(file)).size > 50, form);
    }
    assert.match(await read(inFolder("out.csv")), /^TargetUserName,Failures\n/);
    assert.equal(JSON.parse(await read(inFolder("out.json"))).find((row) => row.TargetUserName === "ana").Failures, 2);
    assert.match(await read(inFolder("out.html")), /default-src 'none'/);
  },

  async "running a selection, within the time range in force"() {
    const editor = await scratch("kusto", "print first = 1\n\nSecurityEvent | count | extend Answer = Count + 4200");
    editor.selection = new vscode.Selection(2, 0, 2, 60);
    await run("chooseTimeRange", "1h");
    await run("runSelection");
    await run("chooseTimeRange", "");
    assert.match(extension().exports.runner.shown, />4200</);
  },

  async "a query that is wrong is told, and shows nothing new"() {
    const before = extension().exports.runner.shown;
    await run("runQuery", "print (");
    assert.equal(extension().exports.runner.shown, before);
  },

  async "showing the SQL"() {
    await run("showSql", "print x = 1 + 1");
    const document = await visible("/query.sql");
    assert.match(document.getText(), /select/i);
    assert.equal(document.languageId, "sql");
    assert.ok(!document.isDirty && !document.isUntitled);
  },

  async "inserting a query and a pivot, in Python and as a magic"() {
    const editor = await scratch("python", "");
    await run("searchQueries", "mine.logons");
    assert.match(editor.document.getText(), /^qp\.mine\.logons\(host=\)$/);
    const magic = await scratch("python", "%pivot ");
    put(magic, new vscode.Position(0, 7));
    await run("insertPivot", "Host.windows.logons");
    assert.equal(magic.document.getText(), "%pivot Host.windows.logons value");
    const python = await scratch("python", "");
    await run("insertPivot", "Host.windows.logons");
    assert.equal(python.document.getText(), 'Host("value").windows.logons()');
  },

  async "a new query pack is found at once"() {
    await run("newPack", "fresh_pack");
    const document = await visible("/queries/fresh_pack.yaml");
    assert.deepEqual(vscode.languages.getDiagnostics(document.uri).filter((one) => one.severity === 0), []);
    await run("refresh");
    const { client } = extension().exports;
    await until("its query", async () => (await client.ask("huntlens.server.catalog")).some((one) => one.id === "fresh_pack.logons"));
    await vscode.workspace.fs.delete(document.uri);
  },

  async "the Hunt view: packs with queries, entities with pivots, connections with tables and columns"() {
    const { views } = extension().exports;
    const children = async (id, ...names) => {
      let found = await views[id].getChildren();
      for (const name of names) {
        const entry = found.find((one) => String(one.label).startsWith(name));
        assert.ok(entry, `${name} among ${found.slice(0, 30).map((one) => one.label)}`);
        found = await views[id].getChildren(entry);
      }
      return found;
    };
    const has = (entries, label) => entries.find((one) => one.label === label) ?? assert.fail(`${label} among ${entries.map((one) => one.label)}`);
    const query = has(await children("huntlens.queries", "mine"), "logons");
    assert.equal(query.contextValue, "query");
    assert.match(query.command.arguments[0].path, /queries\/mine\.yaml$/);
    const pivot = has(await children("huntlens.entities", "Host"), "windows.logons");
    const editor = await scratch("python", "");
    await run("insert", pivot);
    assert.equal(editor.document.getText(), 'Host("value").windows.logons()');
    await until("the kernel", async () => (await children("huntlens.sessions")).some((one) => one.label === "hunt.ipynb"));
    const column = has(await children("huntlens.sessions", "hunt.ipynb", "prod", "SigninLogs"), "Risk Level");
    const kql = await scratch("kusto", "");
    await run("insert", column);
    assert.equal(kql.document.getText(), "['Risk Level']");
    has(await children("huntlens.sessions", "hunt.ipynb", "failed"), "Failures");
    assert.equal(has(await children("huntlens.sessions", "Known tables", "SecurityEvent"), "EventID").description.split(" ")[0], "int");
    await vscode.commands.executeCommand("workbench.view.extension.huntlens");
  },

  async "the status bar shows connection and time range, and sets them"() {
    const { status } = extension().exports;
    await open("triage.kql");
    const shows = (item, text) => until(`${text} in '${item.text}'`, async () => (await status.refresh(), item.text.includes(text)));
    await shows(status.connection, "local data");
    await shows(status.timespan, "all time");
    await run(status.connection.command.split(".")[1], "sentinel");
    await run(status.timespan.command.split(".")[1], "7d");
    await shows(status.connection, "sentinel");
    await shows(status.timespan, "7d");
    await run("chooseTimeRange", "rubbish");
    assert.equal(vscode.workspace.getConfiguration("huntlens").get("timespan"), "7d");
    await run("chooseConnection", "");
    await run("chooseTimeRange", "");
    await shows(status.connection, "local data");
    await vscode.window.showNotebookDocument(await vscode.workspace.openNotebookDocument(inFolder("hunt.ipynb")));
    await shows(status.connection, "prod");
    await shows(status.timespan, "3d");
  },

  async "the doctor says where the server was found, and what the package says"() {
    await run("doctor");
    const text = (await visible("/doctor.md")).getText();
    assert.match(text, /setting: `.*huntlens_server`: \*\*starts\*\*/);
    assert.match(text, /Server: running/);
    assert.match(text, /huntlens \d+\.\d+/);
  },

  async "restarting the server"() {
    const { client } = extension().exports;
    const states = [];
    const listening = client.onDidChangeState(() => states.push(client.running));
    await run("restart");
    await until("the server", () => client.running);
    listening.dispose();
    assert.ok(states.includes(false) && states.includes(true), states.join());
    const document = await open("triage.kql");
    assert.ok((await labels(document, at(document, "| where "))).includes("EventID"));
  },

  async "the log and the walkthrough can be shown"() {
    await run("showLog");
    await vscode.commands.executeCommand("workbench.action.openWalkthrough", "huntlens.huntlens#start", false);
    const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map((tab) => tab.label));
    await until("the walkthrough", () => tabs().some((label) => /Hunt with Huntlens|Walkthrough/.test(label)));
  },

  async "every command of the manifest is there"() {
    const known = await vscode.commands.getCommands(true);
    for (const { command } of extension().packageJSON.contributes.commands) assert.ok(known.includes(command), command);
  },
};

exports.run = runner(tests);
