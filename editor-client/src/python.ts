/** The Python interpreter of a workspace: as the Python extension says where it is there, else what lies in the folder. */

import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";

interface PythonApi {
  readonly environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(path: { readonly path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

/** The interpreter that the user has chosen; undefined without the Python extension, and where a workspace that is not trusted may have chosen it. */
export async function chosenInterpreter(): Promise<string | undefined> {
  const api = vscode.workspace.isTrusted ? await pythonApi() : undefined;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const environment = await api?.environments.resolveEnvironment(api.environments.getActiveEnvironmentPath(folder));
  return environment?.executable.uri?.fsPath;
}

/** Calls back when another interpreter is chosen. */
export async function onInterpreterChange(changed: () => void): Promise<vscode.Disposable | undefined> {
  return (await pythonApi())?.environments.onDidChangeActiveEnvironmentPath(changed);
}

/** Interpreters of virtual environments in the folders of a workspace that is trusted. */
export function environmentsOfWorkspace(): string[] {
  if (!vscode.workspace.isTrusted) {
    return [];
  }
  const inside = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];
  return (vscode.workspace.workspaceFolders ?? [])
    .filter((folder) => folder.uri.scheme === "file")
    .flatMap((folder) => [".venv", "venv"].map((name) => path.join(folder.uri.fsPath, name, ...inside)))
    .filter((candidate) => fs.existsSync(candidate));
}

async function pythonApi(): Promise<PythonApi | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  return extension === undefined ? undefined : await extension.activate();
}
