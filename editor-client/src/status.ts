/** The status item: whether the server runs, and where it was found. */

import * as vscode from "vscode";
import type { Client } from "./client";

export function registerStatus(context: vscode.ExtensionContext, client: Client): void {
  const item = vscode.languages.createLanguageStatusItem("huntlens.status", [
    { language: "kusto" },
    { language: "python" },
    { language: "yaml" },
  ]);
  item.name = "Huntlens";
  const show = (): void => {
    item.text = client.running ? "Huntlens" : "Huntlens: no server";
    item.detail = client.found?.origin ?? "pip install huntlens";
    item.severity = client.running ? vscode.LanguageStatusSeverity.Information : vscode.LanguageStatusSeverity.Warning;
    item.command = client.running
      ? { command: "huntlens.showLog", title: "Show log" }
      : { command: "huntlens.restart", title: "Restart" };
  };
  show();
  context.subscriptions.push(item, client.onDidChangeState(show));
}
