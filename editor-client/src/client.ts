/** The language client: started, restarted, stopped; everything that a server can do is done by the server. */

import * as fs from "node:fs";
import * as vscode from "vscode";
import { LanguageClient, State, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import { chosenInterpreter, environmentsOfWorkspace } from "./python";
import { findServer, type Found } from "./server";

const SELECTOR = [
  { language: "kusto" },
  { language: "python" },
  { language: "yaml", pattern: "**/*.{yaml,yml}" },
];

/** The one client of a window. */
export class Client implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private readonly stateChanged = new vscode.EventEmitter<void>();
  readonly onDidChangeState = this.stateChanged.event;
  found: Found | undefined;

  constructor(
    readonly output: vscode.LogOutputChannel,
    private readonly bundled: string,
  ) {}

  get running(): boolean {
    return this.client?.state === State.Running;
  }

  /** Look for a server and start it; where there is none, say what to do. */
  async start(): Promise<void> {
    const configuration = vscode.workspace.getConfiguration("huntlens");
    this.found = await findServer({
      configured: vscode.workspace.isTrusted ? configuration.get<string[]>("server.command", []) : globalCommand(),
      interpreter: await chosenInterpreter(),
      environments: environmentsOfWorkspace(),
      bundled: fs.existsSync(this.bundled) ? this.bundled : undefined,
    });
    if (this.found === undefined) {
      this.stateChanged.fire();
      await this.tellMissing();
      return;
    }
    const { command, args } = this.found.server;
    this.output.info(`server: ${[command, ...args].join(" ")} (${this.found.origin})`);
    const run = { command, args: [...args], options: { env: { ...process.env, ...this.found.env } } };
    const server: ServerOptions = { run, debug: run };
    this.client = new LanguageClient("huntlens", "Huntlens", server, this.options());
    this.client.onDidChangeState(() => this.stateChanged.fire());
    await this.client.start();
  }

  /** Stop the server and look for one again. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.dispose();
  }

  /** Have the server do something and give its answer. */
  async ask<Answer>(command: string, ...args: unknown[]): Promise<Answer | undefined> {
    if (!this.running) {
      return undefined;
    }
    return this.client?.sendRequest<Answer>("workspace/executeCommand", { command, arguments: args });
  }

  dispose(): void {
    void this.stop();
    this.stateChanged.dispose();
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: SELECTOR,
      outputChannel: this.output,
      initializationOptions: { huntlens: settings() },
      synchronize: {
        configurationSection: "huntlens",
        fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{yaml,yml}"),
      },
    };
  }

  private async tellMissing(): Promise<void> {
    const install = "Copy pip command";
    const chosen = await vscode.window.showWarningMessage(
      "Huntlens was not found in any Python environment. Install it with: pip install huntlens",
      install,
      "Open settings",
    );
    if (chosen === install) {
      await vscode.env.clipboard.writeText("pip install huntlens");
    } else if (chosen !== undefined) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "huntlens.server");
    }
  }
}

/** The settings that the server reads, with whether the workspace may say where packs are. */
export function settings(): Record<string, unknown> {
  const configuration = vscode.workspace.getConfiguration("huntlens");
  return {
    trusted: vscode.workspace.isTrusted,
    packs: configuration.get("packs"),
    environment: configuration.get("environment"),
    completion: { limit: configuration.get("completion.limit") },
    timespan: configuration.get("timespan"),
    editor: { diagnostics: configuration.get("editor.diagnostics"), schema: configuration.get("editor.schema") },
    inlayHints: { enable: configuration.get("inlayHints.enable") },
    client: { commands: vscode.workspace.isTrusted ? ["huntlens.runQuery", "huntlens.showSql"] : [] },
  };
}

function globalCommand(): string[] {
  return vscode.workspace.getConfiguration("huntlens").inspect<string[]>("server.command")?.globalValue ?? [];
}
