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
const page = await (await browser.newContext({ viewport: { width: 1280, height: 860 } })).newPage();
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
  await page.exposeFunction("codeAutomationLog", (_kind, args) => console.log(...args));
  await page.exposeFunction("codeAutomationExit", (status) => done(status));
  await page.goto(`${url}/?folder=${folder}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
  return Promise.race([exit, new Promise((resolve) => setTimeout(() => resolve(2), 90_000))]);
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


  await page.keyboard.press("Escape");
  await page.locator(".activitybar .action-label[aria-label='Hunt']").click();
  const group = page.locator(".pane-body .monaco-list-row[aria-level='1']").first();
  await group.waitFor({ timeout: 15_000 });
  await group.click();
  await page.waitForSelector(".pane-body .monaco-list-row[aria-level='2']", { timeout: 10_000 });
  await page.waitForTimeout(500);
  await shot("hunt-view");
  say("the Hunt view");
  return 0;
}

async function open(name) {
  await page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).dblclick();
}
