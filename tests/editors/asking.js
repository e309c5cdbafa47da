// What the suites ask VS Code for, and how they are run.
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

const extension = () => vscode.extensions.getExtension("huntlens.huntlens");
const run = (command, ...args) => vscode.commands.executeCommand(`huntlens.${command}`, ...args);
const inFolder = (...parts) => vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, ...parts);
const read = async (uri) => Buffer.from(await vscode.workspace.fs.readFile(uri)).toString("utf-8");
const scratch = async (language, content) => {
  const document = await vscode.workspace.openTextDocument({ language, content });
  return vscode.window.showTextDocument(document);
};
const visible = (suffix) =>
  until(`an editor of ${suffix}`, () => vscode.window.visibleTextEditors.find((one) => one.document.uri.path.endsWith(suffix))?.document);
const put = (editor, position) => (editor.selection = new vscode.Selection(position, position));

/** Run tests in the order in which they stand; fails if one does. */
const runner = (tests) => async () => {
  let failed = 0;
  for (const [name, test] of Object.entries(tests)) {
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

module.exports = { at, ask, labels, hover, until, findings, open, extension, run, inFolder, read, scratch, visible, put, runner };
