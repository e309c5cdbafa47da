/**
 * The page of an answer within the editor. The package has made it: pictures and tables as inert data, every value of it
 * escaped, drawn by constant scripts. Here it gets the policy of a webview and the colours of the window. Knows nothing of VS Code.
 */

/** The forms in which an answer can be exported, and what they are for. */
export const FORMS = { csv: "for a spreadsheet", parquet: "with all types", json: "one object a row", html: "a page with the picture" } as const;

export type Form = keyof typeof FORMS;

export interface Look {
  /** A word that nobody could have foreseen; only scripts that bear it run. */
  readonly nonce: string;
  readonly dark: boolean;
  /** The command that export links call, with the form as its argument. */
  readonly command: string;
}

const POLICY = /<meta http-equiv="Content-Security-Policy" content="[^"]*">/;

/** The page as a webview shows it. A value cannot bring a script of its own: in values, `<` is written as an entity. */
export function webview(page: string, { nonce, dark, command }: Look): string {
  // BokehJS compiles what it draws with, hence 'unsafe-eval'; nothing is ever fetched.
  const policy = `default-src 'none'; script-src 'nonce-${nonce}' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:`;
  const links = Object.entries(FORMS).map(([form, use]) => {
    const href = `command:${command}?${encodeURIComponent(JSON.stringify([form]))}`;
    return `<a href="${href}" title="Export: ${use}">${form.toUpperCase()}</a>`;
  });
  const style =
    `:root{color-scheme:${dark ? "dark" : "light"}!important}` +
    "body{background:var(--vscode-editor-background)!important;color:var(--vscode-editor-foreground)!important;" +
    "font-family:var(--vscode-font-family)!important;padding:0 8px}" +
    ".huntlens-table .hl-scroll{max-height:none!important}" +
    ".hunt-export{display:flex;gap:1em;justify-content:flex-end;font-size:12px;opacity:.85}.hunt-export a{color:var(--vscode-textLink-foreground)}";
  return page
    .replace(POLICY, () => `<meta http-equiv="Content-Security-Policy" content="${policy}">`)
    .replaceAll("<script>", `<script nonce="${nonce}">`)
    .replace("</head><body>", () => `<style>${style}</style></head><body><div class="hunt-export">Export ${links.join(" ")}</div>`);
}

/** Which of the queries of a text is at an offset: the one around it, else the last one that begins before it, else the first. */
export function queryAt(queries: readonly { readonly start: number; readonly text: string }[], offset: number): string | undefined {
  const around = queries.find((one) => one.start <= offset && offset <= one.start + one.text.length);
  return (around ?? queries.filter((one) => one.start <= offset).at(-1) ?? queries[0])?.text;
}
