/** The commands that need no view of their own. */

import * as vscode from "vscode";
import type { Client } from "./client";
import type { Pages } from "./pages";
import type { Runner } from "./run";

/** Commands by name; they go when the extension does. */
export function register(context: vscode.ExtensionContext, commands: Readonly<Record<string, (...args: unknown[]) => unknown>>): void {
  for (const [name, run] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(name, run));
  }
}

export function registerCommands(context: vscode.ExtensionContext, client: Client, runner: Runner, pages: Pages): void {
  register(context, {
    "huntlens.restart": () => client.restart(),
    "huntlens.showLog": () => client.output.show(),
    "huntlens.newPack": newPack,
    "huntlens.doctor": async () => pages.show("doctor.md", await report(client, runner)),
  });
}

/** A query pack to begin with: a file in the folder where packs are found, or a text where no folder is open. */
async function newPack(given?: unknown): Promise<void> {
  const check = (name: string): string => (/^[a-z][a-z0-9_]*$/.test(name) ? "" : "Lower case letters, digits and _");
  const asked = { prompt: "Name of the pack", value: "my_pack", validateInput: check };
  const name = typeof given === "string" ? given : await vscode.window.showInputBox(asked);
  if (name === undefined || check(name) !== "") {
    return;
  }
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (folder === undefined) {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: "yaml", content: pack(name) }));
    return;
  }
  const file = vscode.Uri.joinPath(folder, "queries", `${name}.yaml`);
  const exists = await vscode.workspace.fs.stat(file).then(() => true, () => false);
  if (!exists) {
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(pack(name)));
  }
  await vscode.window.showTextDocument(file);
}

function pack(name: string): string {
  return `pack: ${name}
description: What these queries are about
environments: [sentinel, local]
queries:
  ${name}.logons:
    summary: Successful logons on a host
    parameters:
      host: {type: string, doc: Name of the host, entity: Host.HostName}
    kql: |
      SecurityEvent
      | where TimeGenerated between (start .. end) and EventID == 4624
      | where Computer has host
`;
}

/** Where the server was looked for, what is set, and what the package says about itself. */
async function report(client: Client, runner: Runner): Promise<string> {
  const { version } = vscode.extensions.getExtension("huntlens.huntlens")?.packageJSON ?? {};
  const place = vscode.env.remoteName === undefined ? "this machine" : `remote window (${vscode.env.remoteName})`;
  const tried = client.tried.map(
    ({ found, why }) => `- ${found.origin}: \`${[found.server.command, ...found.server.args].join(" ")}\`: ${why === "" ? "**starts**" : why}`,
  );
  const names = ["server.command", "packs", "local.data", "editor.schema", "environment", "timespan"];
  const configuration = vscode.workspace.getConfiguration("huntlens");
  return [
    "# Huntlens doctor",
    "",
    `Extension ${version}, VS Code ${vscode.version}, ${place}, workspace ${vscode.workspace.isTrusted ? "trusted" : "**not trusted**: nothing is run"}.`,
    "",
    `## Server: ${client.running ? "running" : "**not running**"}`,
    "",
    ...(tried.length > 0 ? tried : ["- not looked for yet"]),
    "",
    "## Settings",
    "",
    ...names.map((name) => `- \`huntlens.${name}\`: \`${JSON.stringify(configuration.get(name))}\``),
    "",
    "## Package",
    "",
    "```text",
    (await runner.doctor()).trim(),
    "```",
    "",
  ].join("\n");
}
