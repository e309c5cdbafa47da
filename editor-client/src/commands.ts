/** The commands that need no view of their own. */

import * as vscode from "vscode";
import type { Client } from "./client";

export function registerCommands(context: vscode.ExtensionContext, client: Client): void {
  const commands: Record<string, (...args: never[]) => unknown> = {
    "huntlens.restart": () => client.restart(),
    "huntlens.showLog": () => client.output.show(),
    "huntlens.newPack": newPack,
  };
  for (const [name, run] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(name, run));
  }
}

/** A query pack to begin with. */
async function newPack(): Promise<void> {
  const content = [
    "pack: my_pack",
    "description: What these queries are about",
    "environments: [sentinel, local]",
    "queries:",
    "  mine.logons:",
    "    summary: Successful logons on a host",
    "    parameters:",
    "      host: {type: string, doc: Name of the host, entity: Host.HostName}",
    "    kql: |",
    "      SecurityEvent",
    "      | where TimeGenerated between (start .. end) and EventID == 4624",
    "      | where Computer has host",
    "",
  ].join("\n");
  const document = await vscode.workspace.openTextDocument({ language: "yaml", content });
  await vscode.window.showTextDocument(document);
}
