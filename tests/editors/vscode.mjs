// Drives a VS Code that is served to a headless Chromium.
//   node vscode.mjs api <url> <folder> <extension> <suite>     runs a suite within the extension host, exits as it does
//   node vscode.mjs look <url> <folder> <pictures>             types where a user would, and takes pictures
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(process.env.HUNTLENS_EDITORS, "package.json"));
const { chromium } = require("playwright-core");
const [mode, url, folder, ...rest] = process.argv.slice(2);
const FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "dark" })).newPage();
const started = Date.now();
const say = (what) => console.log(`${((Date.now() - started) / 1000).toFixed(1)} s  ${what}`);
let code = 1;
try {
  code = await (mode === "api" ? api(...rest) : look(...rest));
} catch (error) {
  console.log(String(error));
  await page.screenshot({ path: path.join(rest.at(-1) ?? ".", "failed.png") }).catch(() => undefined);
} finally {
  await browser.close();
}
process.exit(code);

async function api(extension, suite) {
  const remote = (file) => `vscode-remote://${new URL(url).host}${file}`;
  const payload = [["extensionDevelopmentPath", remote(extension)], ["extensionTestsPath", remote(suite)], ["skipWelcome", "true"]];
  let done;
  const exit = new Promise((resolve) => (done = resolve));
  // What the editor itself complains of (native modules that are not built, galleries that are not there) is told only if nothing else is.
  const other = [];
  const ours = /^(passed|FAILED): /;
  await page.exposeFunction("codeAutomationLog", (_kind, args) => {
    const text = args.map(String).join(" ");
    return ours.test(text) ? console.log(text) : other.push(text);
  });
  await page.exposeFunction("codeAutomationExit", (status) => done(status));
  await page.goto(`${url}/?folder=${folder}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
  const code = await Promise.race([exit, new Promise((resolve) => setTimeout(() => resolve(2), 240_000))]);
  if (code !== 0) console.log(other.filter((text) => !/bindings file|native-watchdog/.test(text)).join("\n"));
  return code;
}

async function look(pictures) {
  const shot = (name) => page.screenshot({ path: path.join(pictures, `${name}.png`) });
  const offers = (text) =>
    page.waitForFunction((wanted) => document.querySelector(".suggest-widget.visible")?.innerText.includes(wanted), text, { timeout: 15_000 });
  await page.goto(`${url}/?folder=${folder}`, { waitUntil: "domcontentloaded" });
  await page.waitForSelector(".explorer-folders-view .monaco-list-row", { timeout: 60_000 });
  say("explorer");

  await open("hunt.py");
  await page.waitForSelector(".editor-instance .view-line:has-text('QueryProvider')", { timeout: 30_000 });
  await page.waitForSelector(".editor-instance .squiggly-warning", { timeout: 40_000 });
  say("findings in a Python file");
  await page.locator(".editor-instance .view-line", { hasText: "found = qp" }).click();
  await page.keyboard.press("End");
  for (let left = '(host="web01")'.length + 2; left > 0; left -= 1) await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Control+K");
  await page.keyboard.press("Control+I");
  await page.waitForSelector(".monaco-hover:has-text('Successful logons')", { timeout: 15_000 });
  await page.waitForTimeout(400);
  await shot("python-hover");
  say("hover over a query");
  await open("triage.kql");
  await page.waitForSelector(".editor-instance .view-lines .mtk1", { timeout: 30_000 });
  await page.waitForSelector(".editor-instance .squiggly-error", { timeout: 20_000 });
  await page.waitForTimeout(500);
  await shot("kql-file");
  say("findings in a .kql file");

  await open("hunt.ipynb");
  await page.waitForSelector(".notebookOverlay .monaco-editor .view-line", { timeout: 30_000 });
  const python = page.locator(".notebookOverlay .view-line", { hasText: "qp.windows" });
  await python.last().click();
  await page.keyboard.press("End");
  await page.waitForSelector(".notebookOverlay .squiggly-error, .notebookOverlay .squiggly-warning", { timeout: 30_000 });
  say("findings in a cell");
  let typed = Date.now();
  await page.keyboard.type(".");
  await offers("encoded_powershell");
  say(`completion of query names, ${Date.now() - typed} ms after the dot`);
  await page.waitForTimeout(600);
  await shot("cell-query-names");
  await page.keyboard.type("lo");
  await offers("logons");
  await page.keyboard.press("Escape");
  for (let back = 3; back > 0; back -= 1) await page.keyboard.press("Backspace");

  await page.locator(".notebookOverlay .view-line", { hasText: "EventID" }).first().click();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  typed = Date.now();
  await page.keyboard.type("| where ");
  await page.keyboard.type("Targ");
  await offers("TargetUserName");
  say(`completion of columns in %%kql, ${Date.now() - typed} ms after the first key`);
  await page.waitForTimeout(600);
  await shot("cell-kql-columns");
  await page.keyboard.press("Escape");
  for (let back = "| where Targ".length + 1; back > 0; back -= 1) await page.keyboard.press("Backspace");
  await page.keyboard.press("Escape");

  // The answer to a query: the lens above it is clicked.
  const lens = page.locator(".editor-instance .codelens-decoration a", { hasText: "Run query" });
  await open("hosts.kql");
  await lens.click({ timeout: 20_000 });
  await (await answered("Failures")).waitForSelector("canvas", { timeout: 20_000 });
  await page.locator(".notifications-toasts .codicon-notifications-clear").first().click({ timeout: 1000 }).catch(() => undefined);
  await page.waitForTimeout(800);
  await shot("result");
  say("the answer to a query");
  await page.emulateMedia({ colorScheme: "light" });
  await open("hostile.kql");
  await page.waitForSelector(".editor-instance .view-line:has-text('web02')", { timeout: 10_000 });
  await lens.click({ timeout: 20_000 });
  const answer = await answered("window.ran");
  if (await answer.evaluate(() => window.ran !== undefined || document.querySelector("td img") !== null)) throw new Error("a value of the answer did something");
  await page.waitForTimeout(800);
  await shot("result-light");
  say("values of an answer do nothing");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForTimeout(1000);
  await (await answered("window.ran")).click("a:has-text('CSV')");
  await page.waitForSelector(".quick-input-widget:visible input", { timeout: 10_000 });
  await page.keyboard.press("Escape");
  say("an export is offered where it shall go");

  await page.keyboard.press("Control+K");
  await page.keyboard.press("Control+W");
  await page.keyboard.press("Control+Shift+E");
  await command("Huntlens: New Query Pack");
  await page.waitForSelector(".quick-input-widget:has-text('Name of the pack')", { timeout: 10_000 });
  await page.keyboard.press("Enter");
  await page.waitForSelector(".editor-instance .view-line:has-text('my_pack.logons')", { timeout: 10_000 });
  await page.waitForTimeout(1200);
  await shot("pack");
  say("a new pack");

  await page.locator(".activitybar .action-label[aria-label='Hunt']").click();
  const row = (text) => page.locator(".pane-body .monaco-list-row", { hasText: text }).first();
  await row("mine").click({ timeout: 15_000 });
  await page.waitForSelector(".pane-body .monaco-list-row[aria-level='2']", { timeout: 10_000 });
  await row("Alert").click();
  await row("Known tables").click();
  await row("AADManagedIdentity").click();
  await page.mouse.move(900, 600);
  await page.waitForTimeout(1000);
  await shot("hunt-view");
  say("the Hunt view");
  await page.emulateMedia({ colorScheme: "light" });
  await page.waitForTimeout(1500);
  await shot("hunt-view-light");

  // A query is run from the view, with the value that it asks for; and the one of a pack at the cursor.
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator(".editor-instance .view-line", { hasText: "EventID" }).click();
  await command("Huntlens: Run Query Here");
  await page.waitForSelector(".quick-input-widget:has-text('my_pack.logons')", { timeout: 10_000 });
  await page.keyboard.press("Escape");
  say("the query of a pack asks for what it needs");
  await row("logons").hover();
  await row("logons").locator(".action-label[aria-label='Run on Local Data']").click();
  await page.waitForSelector(".quick-input-widget:has-text('host: string')", { timeout: 10_000 });
  await page.keyboard.type("web01");
  await page.keyboard.press("Enter");
  await answered("2026-03-01 10:00");
  say("a query of the view is run");

  // Connection and time range are changed by a click.
  await page.locator(".statusbar-item", { hasText: "all time" }).click();
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "last 7d" }).click();
  await page.waitForSelector(".statusbar-item:has-text('7d')", { timeout: 10_000 });
  await page.locator(".statusbar-item", { hasText: "local data" }).click();
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "sentinel" }).click();
  await page.waitForSelector(".statusbar-item:has-text('sentinel')", { timeout: 10_000 });
  await shot("status");
  say("connection and time range");

  await command("Welcome: Open Walkthrough");
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "Hunt with Huntlens" }).click({ timeout: 10_000 });
  await page.waitForSelector(".gettingStartedContainer:has-text('Insert a query')", { timeout: 15_000 });
  await page.waitForTimeout(800);
  await shot("walkthrough");
  say("the walkthrough");
  return 0;
}

/** The page of an answer that holds a text: a frame within the frame of a webview. */
async function answered(text) {
  for (const end = Date.now() + 40_000; Date.now() < end; await page.waitForTimeout(200)) {
    for (const frame of page.frames()) {
      if ((await frame.$(`.hunt-export ~ * .huntlens-table td:has-text('${text}'), .hunt-export ~ .huntlens-table :text('${text}')`).catch(() => null)) !== null) return frame;
    }
  }
  throw new Error(`no answer with '${text}' was shown`);
}

/** Runs a command from the palette once the palette lists it: typing that comes earlier goes somewhere else. */
async function command(title) {
  await page.keyboard.press("F1");
  const box = page.locator(".quick-input-widget:visible input");
  await box.waitFor({ timeout: 10_000 });
  await page.keyboard.type(title);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().waitFor({ timeout: 10_000 });
  await page.keyboard.press("Enter");
}

async function open(name) {
  await page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).dblclick();
}
