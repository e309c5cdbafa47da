// A plug-in of JupyterLab, written as its loader wants it, so that nothing has to be built.
//
// It tells the language client of JupyterLab which cells are KQL. The whole cell is handed over, with its first line:
// the server knows magics, so their options are completed too, names that `--param` declares are known in the query,
// and no position has to be shifted.
(function () {
  "use strict";
  let shared;

  /** A module that JupyterLab shares with its plug-ins. */
  const load = async (name) => (await Object.values(shared[name])[0].get())();

  const MAGIC = /^(?:[^\S\n]*\n)*%%kql\b/;

  const extractor = {
    language: "kql",
    fileExtension: "kql",
    cellType: ["code"],
    standalone: true,
    hasForeignCode: (code) => MAGIC.test(code),
    extractForeignCode(code) {
      const lines = code.split("\n");
      const end = { line: lines.length - 1, column: lines[lines.length - 1].length };
      return [{ hostCode: "", foreignCode: code, range: { start: { line: 0, column: 0 }, end }, virtualShift: null }];
    },
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["huntlens-kql"] = {
    init(scope) {
      shared = scope;
    },
    async get() {
      const { ILSPCodeExtractorsManager } = await load("@jupyterlab/lsp");
      const plugin = {
        id: "huntlens-kql:plugin",
        description: "Hands %%kql cells to the language server of KQL.",
        autoStart: true,
        requires: [ILSPCodeExtractorsManager],
        activate: (_app, manager) => manager.register(extractor, "python"),
      };
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
