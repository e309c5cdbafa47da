/** What stands in the status bar: whether the server runs, what queries run on, and the time range in force. */

import * as vscode from "vscode";
import { currentConnection, type Query, type Session } from "./catalog";
import type { Client } from "./client";
import { register } from "./commands";

const LENGTH = /^(\d+(\.\d+)?(ms|[smhdw]))+$/;
const RANGES = ["1h", "1d", "7d", "30d"];

export interface Status {
  readonly connection: vscode.StatusBarItem;
  readonly timespan: vscode.StatusBarItem;
  refresh(): Promise<void>;
}

export function registerStatus(context: vscode.ExtensionContext, client: Client): Status {
  const connection = vscode.window.createStatusBarItem("huntlens.connection", vscode.StatusBarAlignment.Left, 11);
  const timespan = vscode.window.createStatusBarItem("huntlens.timespan", vscode.StatusBarAlignment.Left, 10);
  connection.name = "Huntlens: connection";
  connection.command = "huntlens.chooseConnection";
  timespan.name = "Huntlens: time range";
  timespan.command = "huntlens.chooseTimeRange";
  const refresh = async (): Promise<void> => {
    const place = hunting();
    if (place === undefined) {
      // With an answer or a view in front, what stands there goes for the text beside it.
      if (vscode.window.activeTextEditor !== undefined || vscode.window.visibleTextEditors.length === 0) {
        connection.hide();
        timespan.hide();
      }
      return;
    }
    const sessions = (await client.ask<Session[]>("huntlens.server.sessions")) ?? [];
    const live = currentConnection(sessions, place.fsPath);
    const configuration = vscode.workspace.getConfiguration("huntlens", place);
    const range = live?.timespan || configuration.get("timespan", "");
    connection.text = `$(database) ${live?.name ?? (configuration.get("environment", "") || "local data")}`;
    connection.tooltip = live ? `Connection of the running kernel (${live.environment})` : "Where queries run that name no connection; click to change";
    timespan.text = `$(clock) ${range || "all time"}`;
    timespan.tooltip = live?.timespan ? "Time range of the running kernel; click to change that of the editor" : "Time range of queries that are given none; click to change";
    connection.show();
    timespan.show();
  };
  register(context, {
    "huntlens.chooseConnection": (given?: unknown) => chooseConnection(client, given),
    "huntlens.chooseTimeRange": chooseTimeRange,
  });
  const later = (): void => void refresh();
  context.subscriptions.push(
    connection,
    timespan,
    server(client),
    client.onDidChangeState(later),
    vscode.window.onDidChangeActiveTextEditor(later),
    vscode.window.onDidChangeActiveNotebookEditor(later),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("huntlens") && later()),
    onCellRun(later),
  );
  later();
  return { connection, timespan, refresh };
}

/** Calls back a moment after a cell has run: by then the kernel has published what it knows, and the server has read it. */
export function onCellRun(then: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeNotebookDocument((event) => {
    if (event.cellChanges.some((change) => change.executionSummary !== undefined)) {
      setTimeout(then, 3000);
    }
  });
}

function server(client: Client): vscode.Disposable {
  const languages = ["kusto", "python", "yaml"].map((language) => ({ language }));
  const item = vscode.languages.createLanguageStatusItem("huntlens.status", languages);
  item.name = "Huntlens";
  const show = (): void => {
    item.text = client.running ? "Huntlens" : "Huntlens: no server";
    item.detail = client.found?.origin ?? "pip install huntlens";
    item.severity = client.running ? vscode.LanguageStatusSeverity.Information : vscode.LanguageStatusSeverity.Warning;
    item.command = { command: "huntlens.doctor", title: "Doctor" };
  };
  show();
  return vscode.Disposable.from(item, client.onDidChangeState(show));
}

/** The file or notebook in front, where it has to do with hunting. */
function hunting(): vscode.Uri | undefined {
  const notebook = vscode.window.activeNotebookEditor?.notebook;
  if (notebook !== undefined) {
    return notebook.getCells().some((cell) => concerns(cell.document)) ? notebook.uri : undefined;
  }
  const document = vscode.window.activeTextEditor?.document;
  return document !== undefined && concerns(document) ? document.uri : undefined;
}

function concerns(document: vscode.TextDocument): boolean {
  switch (document.languageId) {
    case "kusto":
      return true;
    case "python":
      return /\bhuntlens|^%%?(?:kql|pivot|hunt)\b/m.test(document.getText());
    case "yaml":
      return /^pack:/m.test(document.getText());
    default:
      return false;
  }
}

async function chooseConnection(client: Client, given: unknown): Promise<void> {
  const queries = (await client.ask<Query[]>("huntlens.server.catalog")) ?? [];
  const counts = new Map<string, number>();
  queries.flatMap((query) => query.environments).forEach((one) => counts.set(one, (counts.get(one) ?? 0) + 1));
  const known = [...counts].sort(([left], [right]) => left.localeCompare(right));
  const items = [
    { label: "local data", description: "files of huntlens.local.data", value: "" },
    ...known.map(([name, count]) => ({ label: name, description: `${count} queries`, value: name })),
  ];
  const placeHolder = "Where queries run that name no connection";
  const chosen = typeof given === "string" ? given : (await vscode.window.showQuickPick(items, { placeHolder }))?.value;
  await set("environment", chosen);
}

async function chooseTimeRange(given?: unknown): Promise<void> {
  const other = "Other…";
  const items = [{ label: "all time", value: "" }, ...RANGES.map((label) => ({ label: `last ${label}`, value: label })), { label: other, value: other }];
  const placeHolder = "Time range of queries that are given none";
  let chosen = typeof given === "string" ? given : (await vscode.window.showQuickPick(items, { placeHolder }))?.value;
  if (chosen === other) {
    const validateInput = (text: string): string => (LENGTH.test(text) ? "" : "A length of time, such as 12h or 3d");
    chosen = await vscode.window.showInputBox({ prompt: "A length of time, such as 12h or 3d", validateInput });
  }
  if (chosen === "" || LENGTH.test(chosen ?? "")) {
    await set("timespan", chosen);
  }
}

async function set(key: string, value: string | undefined): Promise<void> {
  if (value !== undefined) {
    const target = vscode.workspace.workspaceFolders ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
    await vscode.workspace.getConfiguration("huntlens").update(key, value || undefined, target);
  }
}
