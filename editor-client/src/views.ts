/** The Hunt view: packs with their queries, entities with their pivots, connections with tables and columns. */

import * as vscode from "vscode";
import { currentConnection, kqlName, literal, pivotCall, queryCall } from "./catalog";
import type { Column, Entity, Query, Session, Table } from "./catalog";
import type { Client } from "./client";
import { register } from "./commands";
import { onCellRun } from "./status";

const READ_MS = 2000;

/** An entry of a tree. */
export class Entry extends vscode.TreeItem {
  children: Entry[] | (() => Promise<Entry[]>) = [];
  /** What typing it would write, as a snippet. */
  snippet: ((line: string) => string) | undefined;
  query: Query | undefined;

  constructor(label: string, icon: string, description = "", tooltip = "") {
    super(label);
    this.iconPath = new vscode.ThemeIcon(icon);
    this.description = description;
    this.tooltip = tooltip === "" ? label : tooltip;
  }

  with(children: Entry[] | (() => Promise<Entry[]>)): this {
    this.children = children;
    const empty = Array.isArray(children) && children.length === 0;
    this.collapsibleState = empty ? vscode.TreeItemCollapsibleState.None : vscode.TreeItemCollapsibleState.Collapsed;
    return this;
  }

  inserting(kind: string, snippet: (line: string) => string): this {
    this.snippet = snippet;
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
    const children = entry?.children ?? this.load;
    return Array.isArray(children) ? children : children();
  }
}

export function registerViews(context: vscode.ExtensionContext, client: Client): Readonly<Record<string, Tree>> {
  const list = async <One>(name: string): Promise<One[]> => (await client.ask<One[]>(`huntlens.server.${name}`)) ?? [];
  const trees = {
    "huntlens.queries": new Tree(async () => packTree(await catalog(client))),
    "huntlens.entities": new Tree(async () => entityTree(await list<Entity>("entities"))),
    "huntlens.sessions": new Tree(async () => [...sessionTree(await list<Session>("sessions")), ...tableTree(client, await list<string>("tables"))]),
  };
  const refresh = (): void => Object.values(trees).forEach((tree) => tree.refresh());
  for (const [id, tree] of Object.entries(trees)) {
    context.subscriptions.push(vscode.window.registerTreeDataProvider(id, tree));
  }
  // The server reads packs beside its other work, when they change and when it is told to.
  const soon = (): void => void setTimeout(refresh, READ_MS);
  const packs = vscode.workspace.createFileSystemWatcher("**/{queries,packs}/**/*.{yaml,yml}");
  context.subscriptions.push(packs, packs.onDidChange(soon), packs.onDidCreate(soon), packs.onDidDelete(soon));
  context.subscriptions.push(client.onDidChangeState(refresh), onCellRun(() => trees["huntlens.sessions"].refresh()));
  register(context, {
    "huntlens.refresh": async () => {
      await client.ask("huntlens.server.reload");
      soon();
    },
    "huntlens.insert": (entry) => (entry instanceof Entry && entry.snippet ? insert(entry.snippet) : undefined),
    "huntlens.searchQueries": async (id) => searchQueries(await catalog(client), await list<Session>("sessions"), id),
    "huntlens.insertPivot": async (path) => insertPivot(await list<Entity>("entities"), path),
  });
  return trees;
}

/** All queries; a server that has just been started may still be reading them. */
async function catalog(client: Client): Promise<Query[]> {
  for (let tries = 0; ; tries += 1) {
    const found = await client.ask<Query[]>("huntlens.server.catalog");
    if (found === undefined || found.length > 0 || tries === 10) {
      return found ?? [];
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function packTree(queries: readonly Query[]): Entry[] {
  const packs = new Map<string, Map<string, Query[]>>();
  for (const query of queries) {
    const groups = packs.get(query.pack) ?? new Map<string, Query[]>();
    const group = query.id.slice(0, query.id.lastIndexOf("."));
    groups.set(group, [...(groups.get(group) ?? []), query]);
    packs.set(query.pack, groups);
  }
  const entries = [...packs].map(([pack, groups]) => {
    const inside = [...groups].sort(byName).map(([group, found]) => new Entry(group, "symbol-namespace", count(found.length, "query")).with(found.map(queryEntry)));
    const found = [...groups.values()].flat();
    // A pack with one group would be a level that says nothing.
    const only = inside.length === 1 ? inside[0] : undefined;
    const label = only === undefined || only.label === pack ? pack : `${pack}: ${only.label as string}`;
    const own = found.some((query) => vscode.workspace.getWorkspaceFolder(vscode.Uri.file(query.path)) !== undefined);
    const entry = new Entry(label, own ? "folder-active" : "package", count(found.length, "query"), own ? `${label}\nof this workspace` : "");
    return { own, entry: entry.with(only?.children ?? inside), label };
  });
  const order = entries.sort((left, right) => Number(right.own) - Number(left.own) || left.label.localeCompare(right.label));
  return order.map(({ entry }) => entry);
}

function byName([left]: [string, unknown], [right]: [string, unknown]): number {
  return left.localeCompare(right);
}

function queryEntry(query: Query): Entry {
  const takes = query.parameters.map((one) => `${one.name}: ${one.type}${one.required ? "" : " (optional)"}`);
  const tooltip = [query.id, query.summary, query.environments.join(", "), ...takes].filter((line) => line !== "").join("\n");
  const entry = new Entry(query.id.slice(query.id.lastIndexOf(".") + 1), "symbol-method", query.summary, tooltip);
  entry.query = query;
  const place = new vscode.Range(query.line - 1, 0, query.line - 1, 0);
  entry.command = { command: "vscode.open", title: "Open", arguments: [vscode.Uri.file(query.path), { selection: place, preview: true }] };
  return entry.inserting("query", () => queryCall(query));
}

function entityTree(entities: readonly Entity[]): Entry[] {
  return entities.map((entity) => {
    const pivots = entity.pivots.map((pivot) =>
      new Entry(pivot.name, "arrow-swap", pivot.summary, `${entity.name}.${pivot.name}\n${pivot.summary}`).inserting("pivot", (line) =>
        pivotCall(entity.name, pivot.name, line),
      ),
    );
    const attributes = entity.attributes.map((one) =>
      new Entry(one.name, "symbol-field", one.doc).inserting("attribute", () => literal(one.name)),
    );
    return new Entry(entity.name, "symbol-class", count(pivots.length, "pivot"), entity.doc).with([...pivots, ...attributes]);
  });
}

function sessionTree(sessions: readonly Session[]): Entry[] {
  const columns = (found: Readonly<Record<string, string>>): Entry[] =>
    Object.entries(found).map(([name, type]) => columnEntry({ name, type, doc: "" }));
  const table = (name: string, found: Readonly<Record<string, string>>, what = ""): Entry =>
    new Entry(name, "table", what).with(columns(found)).inserting("table", () => literal(kqlName(name)));
  return sessions.map((session) => {
    const frames = Object.entries(session.frames).map(([name, frame]) => table(name, frame.columns, "data frame"));
    const connections = Object.entries(session.connections).map(([name, one]) => {
      const facts = [one.environment, one.timespan, one.current ? "current" : ""].filter((fact) => fact !== "").join(", ");
      return new Entry(name, "database", facts).with(Object.entries(one.tables).map(([title, found]) => table(title, found)));
    });
    const place = session.notebook || session.cwd;
    const entry = new Entry(place.split(/[\\/]/).at(-1) || "kernel", "notebook", "running kernel", place).with([...connections, ...frames]);
    entry.collapsibleState = vscode.TreeItemCollapsibleState.Expanded;
    return entry;
  });
}

/** The tables that completion knows without any connection; columns are read when a table is opened. */
function tableTree(client: Client, names: readonly string[]): Entry[] {
  const entries = names.map((name) =>
    new Entry(name, "table")
      .with(async () => ((await client.ask<Table>("huntlens.server.table", name))?.columns ?? []).map(columnEntry))
      .inserting("table", () => literal(kqlName(name))),
  );
  return entries.length === 0 ? [] : [new Entry("Known tables", "library", count(entries.length, "table"), "Tables of Sentinel and Defender, and of huntlens.editor.schema").with(entries)];
}

function columnEntry({ name, type, doc }: Column): Entry {
  return new Entry(name, "symbol-field", doc === "" ? type : `${type}  ${doc}`, `${name}: ${type}\n${doc}`.trim()).inserting("column", () =>
    literal(kqlName(name)),
  );
}

function count(number: number, what: string): string {
  if (number === 0) {
    return "";
  }
  const many = what.endsWith("y") ? `${what.slice(0, -1)}ies` : `${what}s`;
  return `${number} ${number === 1 ? what : many}`;
}

async function searchQueries(queries: readonly Query[], sessions: readonly Session[], id: unknown): Promise<void> {
  const items = queries.map((query) => ({ label: query.id, description: query.environments.join(", "), detail: query.summary, query }));
  const options = { matchOnDetail: true, matchOnDescription: true, placeHolder: "A query to insert" };
  const chosen = typeof id === "string" ? items.find((item) => item.label === id) : await vscode.window.showQuickPick(items, options);
  if (chosen !== undefined) {
    const place = vscode.window.activeNotebookEditor?.notebook.uri ?? vscode.window.activeTextEditor?.document.uri;
    const provider = currentConnection(sessions, place?.fsPath ?? "")?.variable;
    await insert(() => queryCall(chosen.query, provider || "qp"));
  }
}

async function insertPivot(entities: readonly Entity[], path: unknown): Promise<void> {
  const items = entities.flatMap((entity) =>
    entity.pivots.map((pivot) => ({ label: `${entity.name}.${pivot.name}`, description: pivot.attribute, detail: pivot.summary, entity, pivot })),
  );
  const options = { matchOnDetail: true, placeHolder: "A pivot to insert" };
  const chosen = typeof path === "string" ? items.find((item) => item.label === path) : await vscode.window.showQuickPick(items, options);
  if (chosen !== undefined) {
    await insert((line) => pivotCall(chosen.entity.name, chosen.pivot.name, line));
  }
}

/** Write a snippet at the cursor; a magic that is begun is replaced by the whole of it. */
async function insert(snippet: (line: string) => string): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    void vscode.window.showInformationMessage("Open a file or a cell to insert into.");
    return;
  }
  const { text, range } = editor.document.lineAt(editor.selection.active.line);
  const written = snippet(text);
  const place = written.startsWith("%") && /^\s*%\w*\s*$/.test(text) ? range : undefined;
  await editor.insertSnippet(new vscode.SnippetString(written), place);
}
