// Bundles the unit tests and runs them with Node's own runner.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";

const out = mkdtempSync(path.join(tmpdir(), "huntlens-unit-"));
const tests = readdirSync("test/unit").filter((name) => name.endsWith(".test.ts"));
await build({
  entryPoints: tests.map((name) => `test/unit/${name}`),
  outdir: out,
  outExtension: { ".js": ".cjs" },
  bundle: true,
  platform: "node",
  format: "cjs",
  logLevel: "warning",
});
const files = tests.map((name) => path.join(out, name.replace(/\.ts$/, ".cjs")));
const ran = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" });
process.exit(ran.status ?? 1);
