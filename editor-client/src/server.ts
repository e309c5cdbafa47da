/** Where the language server comes from. Knows nothing of VS Code, so that it can be tested without one. */

import { execFile } from "node:child_process";

/** A program and its arguments. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** What is known when a server is looked for, in the order in which it counts. */
export interface Places {
  /** The setting: a program with arguments, or a Python interpreter. */
  readonly configured: readonly string[];
  /** The interpreter that the user has chosen for the workspace. */
  readonly interpreter: string | undefined;
  /** Interpreters of virtual environments in the workspace; empty where it is not trusted. */
  readonly environments: readonly string[];
  /** The folder of the copy that the extension carries; undefined where it carries none. */
  readonly bundled: string | undefined;
}

/** A server that can be started, and where it was found. */
export interface Found {
  readonly server: Command;
  readonly origin: string;
  /** More of the environment that it needs. */
  readonly env: Readonly<Record<string, string>>;
}

const MODULE = ["-m", "huntlens_server"] as const;

/** All candidates, the first that works is taken. */
export function candidates(places: Places, platform: NodeJS.Platform = process.platform): Found[] {
  const found: Found[] = [];
  const [program, ...args] = places.configured;
  if (program !== undefined) {
    const server = isPython(program) && args.length === 0 ? python(program) : { command: program, args };
    found.push({ server, origin: "setting huntlens.server.command", env: {} });
  }
  if (places.interpreter !== undefined) {
    found.push({ server: python(places.interpreter), origin: "selected interpreter", env: {} });
  }
  for (const environment of places.environments) {
    found.push({ server: python(environment), origin: "environment of the workspace", env: {} });
  }
  const names = platform === "win32" ? ["py", "python"] : ["python3", "python"];
  for (const name of names) {
    found.push({ server: python(name), origin: `${name} of the path`, env: {} });
  }
  if (places.bundled !== undefined) {
    const name = places.interpreter ?? names[0] ?? "python3";
    found.push({ server: python(name), origin: "copy in the extension", env: { PYTHONPATH: places.bundled } });
  }
  return found;
}

/** The first candidate that answers; undefined where none does. */
export async function findServer(
  places: Places,
  works: (found: Found) => Promise<boolean> = answers,
): Promise<Found | undefined> {
  for (const found of candidates(places)) {
    if (await works(found)) {
      return found;
    }
  }
  return undefined;
}

/** Whether a candidate can be started: it is asked for its help, which imports next to nothing. */
export function answers(found: Found): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { timeout: 10_000, env: { ...process.env, ...found.env }, windowsHide: true };
    execFile(found.server.command, [...found.server.args, "--help"], options, (error) => resolve(error === null));
  });
}

/** Whether a program is a Python interpreter, by its name. */
export function isPython(program: string): boolean {
  return /(?:^|[\\/])(?:py|python[\d.]*)(?:\.exe)?$/i.test(program);
}

function python(interpreter: string): Command {
  return { command: interpreter, args: MODULE };
}
