#!/usr/bin/env bash
# Puts the editors that the tier `editor` speaks to into .editors: VS Code as code-server and a driver for the browser,
# both from npm. Chromium and Neovim come from the system; where they are missing, apt-get brings them.
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

# The last one that runs on Node 20; its native modules are optional, so no compiler is needed.
if [[ ! -e node_modules/code-server/lib/vscode/node_modules/.done ]]; then
  [[ -e package.json ]] || echo '{"private": true}' >package.json
  npm install --ignore-scripts --no-audit --no-fund --silent --save-exact code-server@4.100.3 playwright-core@1.57.0
  (cd node_modules/code-server/lib/vscode && npm install --omit=dev --ignore-scripts --no-audit --no-fund --silent)
  touch node_modules/code-server/lib/vscode/node_modules/.done
fi
