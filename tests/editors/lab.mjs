// Drives JupyterLab in a headless Chromium: types where a user would, and takes pictures.
//   node lab.mjs <url> <pictures>
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(process.env.HUNTLENS_EDITORS, "package.json"));
const { chromium } = require("playwright-core");
const [url, pictures] = process.argv.slice(2);
const FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
const page = await (await browser.newContext({ viewport: { width: 1280, height: 860 } })).newPage();
const started = Date.now();
const say = (what) => console.log(`${((Date.now() - started) / 1000).toFixed(1)} s  ${what}`);
const shot = (name) => page.screenshot({ path: path.join(pictures, `${name}.png`) });
const line = (text) => page.locator(".jp-Notebook .cm-line", { hasText: text }).first();
const offers = (text) =>
  page.waitForFunction((wanted) => document.querySelector(".jp-Completer")?.innerText.includes(wanted), text, { timeout: 15_000 });
let code = 1;
try {
  await page.goto(`${url}/lab/tree/hunt.ipynb?reset`);
  await page.waitForSelector(".jp-Notebook .jp-CodeCell .cm-content", { timeout: 60_000 });
  say("notebook");
  // What a language server has found: in the KQL cell by ours, in the Python cell by the other.
  await page.waitForSelector(".jp-CodeCell:has-text('%%kql') .cm-lintRange-error", { timeout: 40_000 });
  say(`finding in a %%kql cell: ${await page.locator(".jp-CodeCell:has-text('%%kql') .cm-lintRange-error").first().innerText()}`);

  await line("wehre").click();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.keyboard.type("| where Targ");
  let asked = Date.now();
  await page.keyboard.press("Tab");
  await offers("TargetUserName");
  say(`completion of columns, ${Date.now() - asked} ms after the key`);
  await page.waitForTimeout(600);
  await shot("lab-columns");
  await page.keyboard.press("Escape");

  await line("%%kql").click();
  await page.keyboard.press("End");
  await page.keyboard.type(" --par");
  asked = Date.now();
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => /--param/.test(document.querySelector(".jp-Completer")?.innerText ?? "") || [...document.querySelectorAll(".cm-line")].some((one) => one.innerText.includes("--param")), null, { timeout: 15_000 });
  say(`completion of options, ${Date.now() - asked} ms after the key`);
  await shot("lab-options");

  const statuses = await page.evaluate(() => fetch("/lsp/status", { headers: { accept: "application/json" } }).then((answer) => answer.json()).catch(String));
  const running = Object.entries(statuses.sessions ?? {}).filter(([, one]) => one.status === "started").map(([name]) => name);
  say(`running: ${running.sort().join(", ")}`);
  code = 0;
} catch (error) {
  console.log(String(error));
  await shot("failed").catch(() => undefined);
} finally {
  await browser.close();
}
process.exit(code);
