/** The language client: started, restarted, stopped; everything that a server can do is done by the server. */

import * as fs from "node:fs";
import * as vscode from "vscode";
import { LanguageClient, State, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import { chosenInterpreter, environmentsOfWorkspace } from "./python";
import { findServer, type Found, type Tried } from "./server";

const SELECTOR = [
  { language: "kusto" },
  { language: "python" },
  { language: "yaml", pattern: "**/*.{yaml,yml}" },
  { language: "jsonc", pattern: "**/.vscode/tasks.json" },
];

/** Commands that lenses of the server may name; none where nothing is run. */
const LENSES = ["huntlens.runQuery", "huntlens.showSql"];

/** The one client of a window. */
export class Client implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private readonly stateChanged = new vscode.EventEmitter<void>();
  private starting: Promise<void> = Promise.resolve();
  readonly onDidChangeState = this.stateChanged.event;
  found: Found | undefined;
  tried: readonly Tried[] = [];

  constructor(
    readonly output: vscode.LogOutputChannel,
    private readonly bundled: string,
    private readonly keys: readonly string[],
  ) {}

  get running(): boolean {
    return this.client?.state === State.Running;
  }

  /** Stop the server, look for one again and start it; one call after the other. */
  restart(): Promise<void> {
    this.starting = this.starting.then(() => this.begin()).catch((error) => this.output.error(String(error)));
    return this.starting;
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.dispose();
  }

  /** Send a request of the protocol; undefined while no server runs. */
  async request<Answer>(method: string, params: unknown): Promise<Answer | undefined> {
    await this.starting;
    return this.running ? this.client?.sendRequest<Answer>(method, params) : undefined;
  }

  /** Have the server do something and give its answer. */
  ask<Answer>(command: string, ...args: unknown[]): Promise<Answer | undefined> {
    return this.request("workspace/executeCommand", { command, arguments: args });
  }

  dispose(): void {
    void this.stop();
    this.stateChanged.dispose();
  }

  private async begin(): Promise<void> {
    await this.stop();
    const { found, tried } = await findServer({
      configured: vscode.workspace.getConfiguration("huntlens").get<string[]>("server.command", []),
      interpreter: await chosenInterpreter(),
      environments: environmentsOfWorkspace(),
      bundled: fs.existsSync(this.bundled) ? this.bundled : undefined,
    });
    this.found = found;
    this.tried = tried;
    tried.forEach((one) => this.output.info(`${one.found.origin}: ${one.found.server.command}: ${one.why || "starts"}`));
    if (found === undefined) {
      this.stateChanged.fire();
      void tellMissing();
      return;
    }
    const run = { command: found.server.command, args: [...found.server.args], options: { env: { ...process.env, ...found.env } } };
    const server: ServerOptions = { run, debug: run };
    this.client = new LanguageClient("huntlens", "Huntlens", server, this.options());
    this.client.onDidChangeState(() => this.stateChanged.fire());
    await this.client.start();
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: SELECTOR,
      outputChannel: this.output,
      initializationOptions: { huntlens: this.settings() },
      synchronize: { configurationSection: "huntlens" },
    };
  }

  /** The settings that the manifest declares, and what follows from whether the workspace is trusted. */
  private settings(): Record<string, unknown> {
    const configuration = vscode.workspace.getConfiguration();
    const trusted = vscode.workspace.isTrusted;
    const found: Record<string, unknown> = { trusted, "client.commands": trusted ? LENSES : [] };
    for (const key of this.keys) {
      found[key.replace(/^huntlens\./, "")] = configuration.get(key);
    }
    return found;
  }
}

async function tellMissing(): Promise<void> {
  const install = "Copy pip command";
  const chosen = await vscode.window.showWarningMessage(
    "Huntlens needs Python 3.11 or later; none was found. The doctor says what was tried.",
    "Doctor",
    install,
    "Open settings",
  );
  if (chosen === install) {
    await vscode.env.clipboard.writeText("pip install huntlens");
  } else if (chosen === "Doctor") {
    await vscode.commands.executeCommand("huntlens.doctor");
  } else if (chosen !== undefined) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "huntlens.server");
  }
}
