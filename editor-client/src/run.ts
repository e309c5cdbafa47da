/** Running queries over local data, through the command line of the package. Only in workspaces that are trusted. */

import { execFile } from "node:child_process";
import * as vscode from "vscode";
import type { Client } from "./client";
import { csv, page, type Row } from "./results";
import { isPython, type Found } from "./server";

const MAX_BYTES = 64 * 1024 * 1024;

export function registerRunning(context: vscode.ExtensionContext, client: Client): void {
  let shown: { title: string; rows: readonly Row[] } | undefined;
  const commands: Record<string, (...args: never[]) => unknown> = {
    "huntlens.runQuery": async (query?: string) => {
      const text = query ?? selectedQuery();
      const output = text === undefined ? undefined : await run(client, text, ["--format", "json", ...data(), ...limit()]);
      if (text === undefined || output === undefined) {
        return;
      }
      const rows = parse(output);
      shown = { title: text.trim().split("\n")[0] ?? "query", rows };
      const panel = vscode.window.createWebviewPanel("huntlens.result", "Hunt result", vscode.ViewColumn.Beside, {
        enableScripts: false,
        localResourceRoots: [],
      });
      panel.webview.html = page(shown.title, rows);
    },
    "huntlens.showSql": async (query?: string) => {
      const text = query ?? selectedQuery();
      const content = text === undefined ? undefined : await run(client, text, ["--sql", ...data()]);
      if (content !== undefined) {
        const document = await vscode.workspace.openTextDocument({ language: "sql", content });
        await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
      }
    },
    "huntlens.exportResult": async () => {
      const target = shown && (await vscode.window.showSaveDialog({ filters: { CSV: ["csv"] } }));
      if (shown !== undefined && target !== undefined) {
        await vscode.workspace.fs.writeFile(target, Buffer.from(csv(shown.rows), "utf-8"));
      }
    },
  };
  for (const [name, command] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(name, command));
  }
}

/** How the command line is started, from how the server is: with the same interpreter. */
export function commandLine(found: Found | undefined): { command: string; args: string[] } {
  if (found !== undefined && isPython(found.server.command)) {
    return { command: found.server.command, args: ["-c", "from huntlens.cli import main; main()"] };
  }
  return { command: "huntlens", args: [] };
}

function run(client: Client, query: string, options: readonly string[]): Promise<string | undefined> {
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showWarningMessage("Queries are run in trusted workspaces only.");
    return Promise.resolve(undefined);
  }
  const { command, args } = commandLine(client.found);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const title = { location: vscode.ProgressLocation.Notification, title: "Running query", cancellable: true };
  return Promise.resolve(
    vscode.window.withProgress(
      title,
      (_progress, cancelled) =>
        new Promise<string | undefined>((resolve) => {
          const all = [...args, "query", ...options, "--", query];
          const child = execFile(command, all, { cwd: folder, maxBuffer: MAX_BYTES, windowsHide: true }, (error, out, told) => {
            if (error !== null && !cancelled.isCancellationRequested) {
              client.output.error(told);
              void vscode.window.showErrorMessage(told.trim().split("\n").slice(0, 6).join(" ") || String(error));
            }
            resolve(error === null ? out : undefined);
          });
          cancelled.onCancellationRequested(() => child.kill("SIGINT"));
        }),
    ),
  );
}

function parse(output: string): Row[] {
  const value: unknown = JSON.parse(output.trim() === "" ? "[]" : output);
  return Array.isArray(value) ? (value as Row[]) : [];
}

function data(): string[] {
  return vscode.workspace.getConfiguration("huntlens").get<string[]>("local.data", []).flatMap((path) => ["--data", path]);
}

function limit(): string[] {
  return ["--limit", String(vscode.workspace.getConfiguration("huntlens").get<number>("limit", 1000))];
}

/** The selection, or the whole text of a `.kql` file, or the body of a `%%kql` cell. */
function selectedQuery(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    return undefined;
  }
  const selected = editor.document.getText(editor.selection);
  const text = selected.trim() === "" ? editor.document.getText() : selected;
  return text.replace(/^\s*%%kql[^\n]*\n/, "");
}
