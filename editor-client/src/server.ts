/** Where the language server comes from. Knows nothing of VS Code, so that it can be tested without one. */

import { execFile } from "node:child_process";
import * as path from "node:path";

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

export type Origin = "setting" | "chosen interpreter" | "environment of the workspace" | "Python on the path" | "copy in the extension";

/** A server that can be started, and where it was found. */
export interface Found {
  readonly server: Command;
  readonly origin: Origin;
  /** More of the environment that it needs. */
  readonly env: Readonly<Record<string, string>>;
}

/** A candidate that was asked; `why` it cannot be started is empty for the one that was taken. */
export interface Tried {
  readonly found: Found;
  readonly why: string;
}

/** `-P` keeps the current folder, which is that of the workspace, off the module path: no file there is ever imported. */
const SAFE = "-P";
const INSTALL = "pip install huntlens";

/**
 * All candidates, the first that works is taken: the setting, the interpreter, the copy in the extension.
 * Where no interpreter is chosen, environments of the workspace and the Python on the path stand for it.
 */
export function candidates(places: Places, platform: NodeJS.Platform = process.platform): Found[] {
  const plain = platform === "win32" ? ["py", "python"] : ["python3", "python"];
  const found: Found[] = [];
  const add = (origin: Origin, server: Command, env: Record<string, string> = {}): void => void found.push({ server, origin, env });
  const [program, ...args] = places.configured;
  if (program !== undefined) {
    add("setting", isPython(program) && args.length === 0 ? module(program) : { command: program, args });
  }
  if (places.interpreter !== undefined) {
    add("chosen interpreter", module(places.interpreter));
  } else {
    places.environments.forEach((one) => add("environment of the workspace", module(one)));
    plain.forEach((one) => add("Python on the path", module(one)));
  }
  if (places.bundled !== undefined) {
    const env = { PYTHONPATH: places.bundled, PYTHONDONTWRITEBYTECODE: "1" };
    const hosts = [places.interpreter, ...places.environments, ...plain].filter((one) => one !== undefined);
    hosts.forEach((one) => add("copy in the extension", module(one), env));
  }
  return found;
}

/** The first candidate that can be started, undefined where none can; and all that were asked. */
export async function findServer(
  places: Places,
  ask: (found: Found) => Promise<string> = whyNot,
): Promise<{ found: Found | undefined; tried: Tried[] }> {
  const tried: Tried[] = [];
  for (const found of candidates(places)) {
    const why = await ask(found);
    tried.push({ found, why });
    if (why === "") {
      return { found, tried };
    }
  }
  return { found: undefined, tried };
}

/** Why a candidate cannot be started, empty if it can: it is asked for its help, which imports next to nothing. */
export function whyNot(found: Found): Promise<string> {
  return new Promise((resolve) => {
    const options = { timeout: 10_000, env: { ...process.env, ...found.env }, windowsHide: true };
    execFile(found.server.command, [...found.server.args, "--help"], options, (error, _out, told) =>
      resolve(error === null ? "" : (told.trim().split("\n").at(-1) ?? "") || error.message),
    );
  });
}

/** How the command line of the package is started, from how the server is; an error says what it needs. */
export function commandLine(found: Found | undefined): Command | Error {
  if (found === undefined || found.origin === "copy in the extension") {
    return new Error(`The copy in the extension checks and completes; what runs queries is in the package: ${INSTALL}`);
  }
  const { command, args } = found.server;
  if (isPython(command)) {
    return { command, args: [SAFE, "-c", "from huntlens.cli import main; main()"] };
  }
  return { command: args[0] === "lsp" ? command : "huntlens", args: [] };
}

/** Whether a program is a Python interpreter, by its name. */
export function isPython(program: string): boolean {
  return /^(?:py|python[\d.]*)(?:\.exe)?$/i.test(path.posix.basename(program.replaceAll("\\", "/")));
}

function module(interpreter: string): Command {
  return { command: interpreter, args: [SAFE, "-m", "huntlens_server"] };
}
