/** Running queries over local data, through the command line of the package. Only in workspaces that are trusted. */

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { queryOfPack, type Query } from "./catalog";
import type { Client } from "./client";
import { register } from "./commands";
import type { Pages } from "./pages";
import { FORMS, queryAt, webview, type Form } from "./results";
import { commandLine } from "./server";

const MAX_BYTES = 64 * 1024 * 1024;
const EXPORT = "huntlens.exportResult";

/** The command line of the package, run where the server runs. */
export class Runner implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private folder: string | undefined;
  private page = "";

  constructor(
    private readonly client: Client,
    private readonly pages: Pages,
  ) {}

  /** Run a query, its text or its name with values, and show the answer. */
  async run(query: string, values: Readonly<Record<string, string>> = {}): Promise<void> {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), "huntlens-"));
    const save = ["result.parquet", "result.html"].flatMap((name) => ["--save", path.join(folder, name)]);
    const given = Object.entries(values).flatMap(([name, value]) => ["--param", `${name}=${value}`]);
    const done = await this.call("Running query", ["query", ...save, ...given, ...where(), ...limits(), "--", query]);
    if (done === undefined) {
      await fs.rm(folder, { recursive: true, force: true });
      return;
    }
    await this.forget();
    this.folder = folder;
    this.page = await fs.readFile(path.join(folder, "result.html"), "utf-8");
    this.show();
  }

  async sql(query: string): Promise<void> {
    const text = await this.call("Compiling query", ["query", "--sql", ...where(), "--", query]);
    if (text !== undefined) {
      await this.pages.show("query.sql", text);
    }
  }

  /** Write what was run last to a file of the user's choice, which may lie on another machine than the one that ran it. */
  async export(form?: Form, target?: vscode.Uri): Promise<void> {
    const kept = this.folder;
    if (kept === undefined) {
      void vscode.window.showInformationMessage("No query has been run yet.");
      return;
    }
    const chosen = form ?? (await chooseForm());
    const to = chosen && (target ?? (await vscode.window.showSaveDialog({ filters: { [chosen.toUpperCase()]: [chosen] } })));
    if (chosen === undefined || to === undefined) {
      return;
    }
    const made = path.join(kept, `result.${chosen}`);
    const exists = await fs.access(made).then(() => true, () => false);
    if (exists || (await this.call("Exporting", ["data", "convert", path.join(kept, "result.parquet"), made])) !== undefined) {
      await vscode.workspace.fs.copy(vscode.Uri.file(made), to, { overwrite: true });
    }
  }

  /** What the command line says about the installation. */
  async doctor(): Promise<string> {
    const line = commandLine(this.client.found);
    if (line instanceof Error || !vscode.workspace.isTrusted) {
      return line instanceof Error ? line.message : "The package is examined in trusted workspaces only.";
    }
    const { out, told } = await execute(line.command, [...line.args, "doctor"]).done;
    return out || told;
  }

  /** The page as it is shown, for tests. */
  get shown(): string {
    return this.panel?.webview.html ?? "";
  }

  dispose(): void {
    this.panel?.dispose();
    void this.forget();
  }

  /** Draw the page again where it is open, in the colours of the window. */
  repaint(): void {
    if (this.panel !== undefined) {
      const kind = vscode.window.activeColorTheme.kind;
      const dark = kind === vscode.ColorThemeKind.Dark || kind === vscode.ColorThemeKind.HighContrast;
      this.panel.webview.html = webview(this.page, { nonce: randomBytes(16).toString("hex"), dark, command: EXPORT });
    }
  }

  private show(): void {
    if (this.panel === undefined) {
      const options = { enableScripts: true, enableCommandUris: [EXPORT], localResourceRoots: [], enableFindWidget: true };
      this.panel = vscode.window.createWebviewPanel("huntlens.result", "Hunt result", { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }, options);
      this.panel.onDidDispose(() => (this.panel = undefined));
    }
    this.repaint();
    this.panel.reveal(undefined, true);
  }

  private async forget(): Promise<void> {
    const folder = this.folder;
    this.folder = undefined;
    if (folder !== undefined) {
      await fs.rm(folder, { recursive: true, force: true });
    }
  }

  /** Run the command line with a sign of progress; undefined where it failed, which the user is told. */
  private async call(title: string, words: readonly string[]): Promise<string | undefined> {
    if (!vscode.workspace.isTrusted) {
      void vscode.window.showWarningMessage("Queries are run in trusted workspaces only.");
      return undefined;
    }
    const line = commandLine(this.client.found);
    if (line instanceof Error) {
      void vscode.window.showErrorMessage(line.message);
      return undefined;
    }
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    return vscode.window.withProgress(options, async (_progress, cancelled) => {
      const started = execute(line.command, [...line.args, ...words]);
      cancelled.onCancellationRequested(started.interrupt);
      const { failed, out, told } = await started.done;
      if (failed && !cancelled.isCancellationRequested) {
        this.client.output.error(told);
        void vscode.window.showErrorMessage(told.trim().split("\n").slice(0, 6).join(" ") || `${line.command} failed`);
      }
      return failed ? undefined : out;
    });
  }
}

export function registerRunning(context: vscode.ExtensionContext, client: Client, pages: Pages): Runner {
  const runner = new Runner(client, pages);
  const withText = (text: Promise<string | undefined>, use: (text: string) => Promise<void>): Promise<void> =>
    text.then((found) => {
      if (found?.trim()) {
        return use(found);
      }
      void vscode.window.showInformationMessage("There is no KQL here: open a .kql file, or a cell or string with KQL.");
      return undefined;
    });
  const given = (query: unknown): Promise<string | undefined> => (typeof query === "string" ? Promise.resolve(query) : queryHere(client));
  register(context, {
    "huntlens.runQuery": async (query?: unknown) => {
      const named = query === undefined ? await queryOfPackHere(client) : undefined;
      return named === undefined ? withText(given(query), (text) => runner.run(text)) : runNamed(runner, named);
    },
    "huntlens.runNamed": (entry) => (isOfQuery(entry) ? runNamed(runner, entry.query) : undefined),
    "huntlens.runSelection": () => withText(Promise.resolve(selection()), (text) => runner.run(text)),
    "huntlens.showSql": (query?: unknown) => withText(given(query), (text) => runner.sql(text)),
    [EXPORT]: (form?: unknown, target?: unknown) =>
      runner.export(isForm(form) ? form : undefined, target instanceof vscode.Uri ? target : undefined),
  });
  context.subscriptions.push(runner, vscode.window.onDidChangeActiveColorTheme(() => runner.repaint()));
  return runner;
}

interface Lens {
  readonly range: { readonly start: { readonly line: number; readonly character: number } };
  readonly command?: { readonly command: string; readonly arguments?: readonly unknown[] };
}

/** The query at the cursor: what the server would have its lens run. */
async function queryHere(client: Client): Promise<string | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    return undefined;
  }
  const { document } = editor;
  const lenses = (await client.request<Lens[]>("textDocument/codeLens", { textDocument: { uri: document.uri.toString() } })) ?? [];
  const queries = lenses.flatMap(({ range, command }) => {
    const text = command?.command === "huntlens.runQuery" ? command.arguments?.[0] : undefined;
    return typeof text === "string" ? [{ start: document.offsetAt(new vscode.Position(range.start.line, range.start.character)), text }] : [];
  });
  return queryAt(queries, document.offsetAt(editor.selection.active));
}

async function queryOfPackHere(client: Client): Promise<Query | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId !== "yaml") {
    return undefined;
  }
  const queries = (await client.ask<Query[]>("huntlens.server.catalog")) ?? [];
  return queryOfPack(queries, editor.document.uri.fsPath, editor.selection.active.line + 1);
}

/** Ask for what a query needs, then run it over local data. */
async function runNamed(runner: Runner, query: Query): Promise<void> {
  const values: Record<string, string> = {};
  for (const { name, type } of query.parameters.filter((one) => one.required)) {
    const value = await vscode.window.showInputBox({ title: query.id, prompt: `${name}: ${type}` });
    if (value === undefined) {
      return;
    }
    values[name] = value;
  }
  await runner.run(query.id, values);
}

/** Whether something is an entry of the Hunt view that stands for a query. */
function isOfQuery(entry: unknown): entry is { readonly query: Query } {
  return typeof entry === "object" && entry !== null && "query" in entry && entry.query !== undefined;
}

function selection(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  return editor?.document.getText(editor.selection).replace(/^\s*%%kql[^\n]*\n/, "");
}

function execute(command: string, words: readonly string[]) {
  let interrupt = (): void => undefined;
  const done = new Promise<{ failed: boolean; out: string; told: string }>((resolve) => {
    const options = { cwd: firstFolder(), maxBuffer: MAX_BYTES, windowsHide: true };
    const child = execFile(command, [...words], options, (error, out, told) =>
      resolve({ failed: error !== null, out, told: told || String(error ?? "") }),
    );
    interrupt = () => void child.kill("SIGINT");
  });
  return { done, interrupt: () => interrupt() };
}

function firstFolder(): string | undefined {
  return vscode.workspace.workspaceFolders?.find((folder) => folder.uri.scheme === "file")?.uri.fsPath;
}

/** The data that is asked, and the time range. */
function where(): string[] {
  const configuration = vscode.workspace.getConfiguration("huntlens");
  const data = configuration.get<string[]>("local.data", []).flatMap((one) => ["--data", one]);
  const timespan = configuration.get("timespan", "");
  return timespan === "" ? data : [...data, "--timespan", timespan];
}

function limits(): string[] {
  return ["--limit", String(vscode.workspace.getConfiguration("huntlens").get("limit", 1000))];
}

function isForm(value: unknown): value is Form {
  return typeof value === "string" && Object.hasOwn(FORMS, value);
}

async function chooseForm(): Promise<Form | undefined> {
  const items = Object.entries(FORMS).map(([form, use]) => ({ label: form.toUpperCase(), description: use, form: form as Form }));
  return (await vscode.window.showQuickPick(items, { placeHolder: "Export the answer as" }))?.form;
}
