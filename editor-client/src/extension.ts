/** The entry of the extension: makes the parts and ties them together. */

import * as path from "node:path";
import * as vscode from "vscode";
import { Client } from "./client";
import { registerCommands } from "./commands";
import { onInterpreterChange } from "./python";
import { registerRunning } from "./run";
import { registerStatus } from "./status";
import { registerViews } from "./views";

export async function activate(context: vscode.ExtensionContext): Promise<{ client: Client }> {
  const output = vscode.window.createOutputChannel("Huntlens", { log: true });
  const client = new Client(output, path.join(context.extensionPath, "bundled"));
  context.subscriptions.push(output, client);
  registerCommands(context, client);
  registerRunning(context, client);
  registerStatus(context, client);
  registerViews(context, client);
  context.subscriptions.push(
    vscode.workspace.onDidGrantWorkspaceTrust(() => client.restart()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("huntlens.server")) {
        void client.restart();
      }
    }),
  );
  await client.start();
  const changed = await onInterpreterChange(() => void client.restart());
  if (changed !== undefined) {
    context.subscriptions.push(changed);
  }
  return { client };
}
