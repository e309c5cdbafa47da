/** Rows as a page and as CSV. Knows nothing of VS Code; every value comes from logs and is escaped. */

/** A row of a result. */
export type Row = Readonly<Record<string, unknown>>;

const SHOWN = 1000;

/** The page of a result: no scripts, nothing loaded from anywhere. */
export function page(title: string, rows: readonly Row[], note = ""): string {
  const names = columns(rows);
  const head = names.map((name) => `<th>${escape(name)}</th>`).join("");
  const body = rows
    .slice(0, SHOWN)
    .map((row) => `<tr>${names.map((name) => `<td>${escape(text(row[name]))}</td>`).join("")}</tr>`)
    .join("\n");
  const count = rows.length > SHOWN ? `${SHOWN} of ${rows.length} rows` : `${rows.length} rows`;
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(title)}</title>
<style>
body { font: var(--vscode-editor-font-size, 13px) var(--vscode-editor-font-family, monospace); padding: 0 8px; }
table { border-collapse: collapse; }
th { position: sticky; top: 0; background: var(--vscode-editor-background); text-align: left; }
th, td { padding: 2px 10px 2px 0; border-bottom: 1px solid var(--vscode-editorWidget-border); white-space: pre; max-width: 60ch; overflow: hidden; text-overflow: ellipsis; }
p { color: var(--vscode-descriptionForeground); }
</style></head>
<body><p>${escape(count)}${note === "" ? "" : ` · ${escape(note)}`}</p>
<table><thead><tr>${head}</tr></thead><tbody>
${body}
</tbody></table></body></html>`;
}

/** Rows as CSV; what a spreadsheet would take for a formula is written as a text. */
export function csv(rows: readonly Row[]): string {
  const names = columns(rows);
  const line = (values: readonly string[]): string => values.map(cell).join(",");
  return [line(names), ...rows.map((row) => line(names.map((name) => text(row[name]))))].join("\r\n") + "\r\n";
}

/** Text as HTML shows it. */
export function escape(value: string): string {
  return value.replace(/[&<>"'`]/g, (char) => `&#${char.charCodeAt(0)};`);
}

function columns(rows: readonly Row[]): string[] {
  return [...new Set(rows.slice(0, SHOWN).flatMap((row) => Object.keys(row)))];
}

function text(value: unknown): string {
  if (value === null || value === undefined) {
    return "";
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
