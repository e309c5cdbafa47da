"""Write the settings that the editor offers into `package.json` and its page, from `huntlens.config.options`.

python editor-client/scripts/settings.py            # writes
python editor-client/scripts/settings.py --check    # says whether it is up to date
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from huntlens.config.options import OPTIONS, json_schema

TARGET = Path(__file__).resolve().parent.parent / "package.json"
PAGE = TARGET.parent.parent / "docs" / "editors.md"
BEGIN = "<!-- made by editor-client/scripts/settings.py -->\n"
END = "<!-- end -->"
RESTRICTED = ("path", "list")
"""Types whose values say what is read; a workspace that is not trusted does not set them."""


def properties() -> dict[str, Any]:
    """The settings by key."""
    schema = json_schema()
    found: dict[str, Any] = {}
    for option in OPTIONS:
        if not option.editor:
            continue
        shape = schema
        for part in option.key.split("."):
            shape = shape["properties"][part]
        found[f"huntlens.{option.key}"] = {**shape, "scope": "resource"}
        if option.type in {"length", "path"}:
            found[f"huntlens.{option.key}"] = {**_or_empty(shape), "default": "", "scope": "resource"}
    return found


def _or_empty(shape: dict[str, Any]) -> dict[str, Any]:
    """Empty stands for: not set."""
    pattern = shape.get("pattern")
    return {**shape, "pattern": f"^$|{pattern}"} if pattern else shape


def package(text: str) -> str:
    """The manifest with the settings of the library; those of the extension itself stay, in front."""
    value = json.loads(text)
    made = properties()
    named = value["contributes"]["configuration"]["properties"]
    own = {key: one for key, one in named.items() if key in OWN}
    value["contributes"]["configuration"]["properties"] = {**own, **made}
    restricted = [f"huntlens.{one.key}" for one in OPTIONS if one.editor and one.type in RESTRICTED]
    trust = value["capabilities"]["untrustedWorkspaces"]
    trust["restrictedConfigurations"] = ["huntlens.server.command", *restricted]
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


OWN = frozenset(
    {
        "huntlens.server.command",
        "huntlens.environment",
        "huntlens.completion.limit",
        "huntlens.inlayHints.enable",
        "huntlens.trace.server",
    }
)
"""Settings that only the editor has."""


def page(text: str, manifest: str) -> str:
    """The page of editors with the table of all settings."""
    value = json.loads(manifest)
    restricted = value["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    lines = ["| key | type | default | meaning | not set by an untrusted workspace |", "|---|---|---|---|---|"]
    for key, shape in value["contributes"]["configuration"]["properties"].items():
        default = json.dumps(shape["default"])
        meaning = shape.get("description") or shape["markdownDescription"]
        mark = "x" if key in restricted else ""
        lines.append(f"| `{key.removeprefix('huntlens.')}` | {shape['type']} | `{default}` | {meaning} | {mark} |")
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + "\n" + "\n".join(lines) + "\n\n" + END + rest.partition(END)[2]


def main() -> int:
    """Write, or check."""
    old = TARGET.read_text("utf-8"), PAGE.read_text("utf-8")
    manifest = package(old[0])
    new = manifest, page(old[1], manifest)
    if "--check" in sys.argv:
        return int(old != new)
    TARGET.write_text(new[0], "utf-8")
    PAGE.write_text(new[1], "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
