/** The entry of the extension: makes the parts and ties them together. */

import * as path from "node:path";
import * as vscode from "vscode";
import { Client } from "./client";
import { registerCommands } from "./commands";
import { Pages } from "./pages";
import { onInterpreterChange } from "./python";
import { registerRunning } from "./run";
import { registerStatus } from "./status";
import { registerViews } from "./views";

export async function activate(context: vscode.ExtensionContext) {
  const output = vscode.window.createOutputChannel("Huntlens", { log: true });
  const declared: Record<string, unknown> = context.extension.packageJSON.contributes.configuration.properties;
  const client = new Client(output, path.join(context.extensionPath, "bundled"), Object.keys(declared));
  const pages = new Pages();
  context.subscriptions.push(output, client, pages);
  const runner = registerRunning(context, client, pages);
  registerCommands(context, client, runner, pages);
  const status = registerStatus(context, client);
  const views = registerViews(context, client);
  context.subscriptions.push(
    vscode.workspace.onDidGrantWorkspaceTrust(() => client.restart()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("huntlens.server")) {
        void client.restart();
      }
    }),
  );
  void client.restart();
  const changed = await onInterpreterChange(() => void client.restart());
  if (changed !== undefined) {
    context.subscriptions.push(changed);
  }
  return { client, runner, status, views };
}
