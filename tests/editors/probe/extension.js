// The part of the Python extension's API that others rely on; `choose` stands for the user, at first nothing is chosen.
const vscode = require("vscode");

exports.activate = () => {
  const changed = new vscode.EventEmitter();
  let chosen = "";
  return {
    environments: {
      getActiveEnvironmentPath: () => ({ path: chosen }),
      resolveEnvironment: async ({ path }) => (path === "" ? undefined : { executable: { uri: vscode.Uri.file(path) } }),
      onDidChangeActiveEnvironmentPath: changed.event,
    },
    choose(path) {
      chosen = path;
      changed.fire({ path });
    },
  };
};
