/** What the server tells of queries, entities, kernels and tables, and what is typed to use them. Knows nothing of VS Code. */

export interface Query {
  readonly id: string;
  readonly pack: string;
  readonly summary: string;
  readonly environments: readonly string[];
  readonly parameters: readonly { readonly name: string; readonly type: string; readonly required: boolean }[];
  readonly path: string;
  readonly line: number;
}

export interface Pivot {
  readonly name: string;
  readonly summary: string;
  readonly attribute: string;
}

export interface Entity {
  readonly name: string;
  readonly doc: string;
  readonly attributes: readonly { readonly name: string; readonly doc: string }[];
  readonly pivots: readonly Pivot[];
}

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly doc: string;
}

export interface Table {
  readonly name: string;
  readonly doc: string;
  readonly source: string;
  readonly columns: readonly Column[];
}

type Columns = Readonly<Record<string, string>>;

export interface Connection {
  readonly environment: string;
  readonly variable: string;
  readonly current: boolean;
  readonly timespan: string;
  readonly tables: Readonly<Record<string, Columns>>;
}

/** What one running kernel has published: names and types. */
export interface Session {
  readonly notebook: string;
  readonly cwd: string;
  readonly frames: Readonly<Record<string, { readonly columns: Columns }>>;
  readonly connections: Readonly<Record<string, Connection>>;
}

/** The parameters that a call must give. */
function needed(query: Query): string[] {
  return query.parameters.filter((one) => one.required).map((one) => one.name);
}

/** The query of a pack at a line, counted from one: the last that begins at it or above. */
export function queryOfPack(queries: readonly Query[], path: string, line: number): Query | undefined {
  const above = queries.filter((query) => query.path === path && query.line <= line);
  return above.sort((left, right) => left.line - right.line).at(-1);
}

/** How a query is called, with stops for what it needs. */
export function queryCall(query: Query, provider = "qp"): string {
  return `${provider}.${query.id}(${needed(query).map((name, at) => `${name}=\${${at + 1}}`).join(", ")})`;
}

/** How a pivot is asked: as a magic where the line is one, else in Python. */
export function pivotCall(entity: string, pivot: string, line = ""): string {
  const magic = /^\s*%/.test(line);
  return magic ? `%pivot ${entity}.${pivot} \${1:value}` : `${entity}("\${1:value}").${pivot}()`;
}

/** A name as KQL takes it. */
export function kqlName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `['${name.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}']`;
}

/** A text as a snippet that writes just this. */
export function literal(text: string): string {
  return text.replace(/[\\$}]/g, "\\$&");
}

/** The kernel that runs for a notebook, or in the folder of a file, and the connection it works on. */
export function currentConnection(sessions: readonly Session[], path: string): (Connection & { name: string }) | undefined {
  const folder = path.replace(/[\\/][^\\/]*$/, "");
  const session =
    sessions.find((one) => one.notebook !== "" && one.notebook === path) ??
    sessions.find((one) => one.notebook === "" && one.cwd !== "" && one.cwd === folder);
  const connections = Object.entries(session?.connections ?? {}).map(([name, one]) => ({ ...one, name }));
  return connections.find((one) => one.current) ?? (connections.length === 1 ? connections[0] : undefined);
}
