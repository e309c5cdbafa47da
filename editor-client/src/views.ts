/** The Hunt view: queries by group, entities with their pivots, connections with their tables. */

import * as vscode from "vscode";
import type { Client } from "./client";

interface Query {
  readonly id: string;
  readonly summary: string;
  readonly environments: readonly string[];
  readonly parameters: readonly { readonly name: string; readonly type: string; readonly required: boolean }[];
  readonly path: string;
  readonly line: number;
}

interface Entity {
  readonly name: string;
  readonly doc: string;
  readonly attributes: readonly { readonly name: string; readonly doc: string }[];
  readonly pivots: readonly { readonly name: string; readonly summary: string }[];
}

interface Session {
  readonly notebook: string;
  readonly cwd: string;
  readonly frames: Readonly<Record<string, { readonly columns: Readonly<Record<string, string>> }>>;
  readonly connections: Readonly<
    Record<string, { readonly environment: string; readonly tables: Readonly<Record<string, Readonly<Record<string, string>>>> }>
  >;
}

/** An entry of a tree; `insert` is what typing it would write, `place` where it is defined. */
class Entry extends vscode.TreeItem {
  children: Entry[] = [];
  insert = "";

  constructor(label: string, icon: string, description = "", tooltip = "") {
    super(label);
    this.iconPath = new vscode.ThemeIcon(icon);
    this.description = description;
    this.tooltip = tooltip === "" ? label : tooltip;
  }

  with(children: Entry[]): this {
    this.children = children;
    this.collapsibleState = children.length > 0 ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None;
    return this;
  }

  inserting(text: string, kind: string): this {
    this.insert = text;
    this.contextValue = kind;
    return this;
  }
}

class Tree implements vscode.TreeDataProvider<Entry> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly load: () => Promise<Entry[]>) {}

  refresh(): void {
    this.changed.fire();
  }

  getTreeItem(entry: Entry): Entry {
    return entry;
  }

  async getChildren(entry?: Entry): Promise<Entry[]> {
    return entry?.children ?? this.load();
  }
}

export function registerViews(context: vscode.ExtensionContext, client: Client): void {
  const trees = {
    "huntlens.queries": new Tree(async () => queryTree((await client.ask<Query[]>("huntlens.server.catalog")) ?? [])),
    "huntlens.entities": new Tree(async () => entityTree((await client.ask<Entity[]>("huntlens.server.entities")) ?? [])),
    "huntlens.sessions": new Tree(async () => sessionTree((await client.ask<Session[]>("huntlens.server.sessions")) ?? [])),
  };
  const refresh = (): void => Object.values(trees).forEach((tree) => tree.refresh());
  for (const [id, tree] of Object.entries(trees)) {
    context.subscriptions.push(vscode.window.registerTreeDataProvider(id, tree));
  }
  context.subscriptions.push(
    client.onDidChangeState(refresh),
    vscode.commands.registerCommand("huntlens.refresh", async () => {
      await client.ask("huntlens.server.reload");
      refresh();
    }),
    vscode.commands.registerCommand("huntlens.insert", (entry: Entry) => insert(entry.insert)),
    vscode.commands.registerCommand("huntlens.searchQueries", () => search(client)),
  );
}

/** How a query is called, with stops for what it needs. */
export function call(query: Query): string {
  const needed = query.parameters.filter((one) => one.required);
  return `qp.${query.id}(${needed.map((one, at) => `${one.name}=\${${at + 1}}`).join(", ")})`;
}

function queryTree(queries: readonly Query[]): Entry[] {
  const groups = new Map<string, Entry[]>();
  for (const query of queries) {
    const dot = query.id.lastIndexOf(".");
    const entry = new Entry(query.id.slice(dot + 1), "symbol-method", query.summary, `${query.id}\n${query.environments.join(", ")}`);
    entry.inserting(call(query), "query");
    entry.command = {
      command: "vscode.open",
      title: "Open",
      arguments: [vscode.Uri.file(query.path), { selection: new vscode.Range(query.line - 1, 0, query.line - 1, 0) }],
    };
    const group = query.id.slice(0, dot);
    groups.set(group, [...(groups.get(group) ?? []), entry]);
  }
  return [...groups].map(([name, entries]) => new Entry(name, "symbol-namespace", `${entries.length}`).with(entries));
}

function entityTree(entities: readonly Entity[]): Entry[] {
  return entities.map((entity) => {
    const pivots = entity.pivots.map((pivot) =>
      new Entry(pivot.name, "arrow-swap", pivot.summary).inserting(`${entity.name}(\${1}).${pivot.name}()`, "pivot"),
    );
    const attributes = entity.attributes.map((one) => new Entry(one.name, "symbol-field", one.doc));
    return new Entry(entity.name, "symbol-class", `${pivots.length} pivots`, entity.doc).with([...pivots, ...attributes]);
  });
}

function sessionTree(sessions: readonly Session[]): Entry[] {
  const columns = (found: Readonly<Record<string, string>>): Entry[] =>
    Object.entries(found).map(([name, type]) => new Entry(name, "symbol-field", type).inserting(name, "column"));
  return sessions.map((session) => {
    const frames = Object.entries(session.frames).map(([name, frame]) =>
      new Entry(name, "table", "data frame").with(columns(frame.columns)).inserting(name, "table"),
    );
    const connections = Object.entries(session.connections).map(([name, connection]) =>
      new Entry(name, "database", connection.environment).with(
        Object.entries(connection.tables).map(([table, found]) => new Entry(table, "table").with(columns(found)).inserting(table, "table")),
      ),
    );
    return new Entry(session.notebook || session.cwd || "kernel", "notebook").with([...connections, ...frames]);
  });
}

async function search(client: Client): Promise<void> {
  const queries = (await client.ask<Query[]>("huntlens.server.catalog")) ?? [];
  const items = queries.map((query) => ({ label: query.id, description: query.environments.join(", "), detail: query.summary, query }));
  const chosen = await vscode.window.showQuickPick(items, { matchOnDetail: true, placeHolder: "A query to insert" });
  if (chosen !== undefined) {
    await insert(call(chosen.query));
  }
}

async function insert(snippet: string): Promise<void> {
  await vscode.window.activeTextEditor?.insertSnippet(new vscode.SnippetString(snippet));
}
