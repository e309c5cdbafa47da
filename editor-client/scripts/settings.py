"""Write the settings of the library that the editor offers into `package.json`, from `huntlens.config.options`.

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


def main() -> int:
    """Write, or check."""
    old = TARGET.read_text("utf-8")
    new = package(old)
    if "--check" in sys.argv:
        return int(old != new)
    TARGET.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
