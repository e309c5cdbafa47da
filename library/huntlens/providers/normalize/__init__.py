"""Raw logs become the tables that queries know.

Each module here is one family of logs and holds one `Family`: its shapes and its mapping, a table with one row a
field. `normalize` reads documents that are in the engine; nothing that they hold is dropped, what has no column
stays in `AdditionalFields`.
"""

from __future__ import annotations

from huntlens._lazy import lazy

_TARGETS = {
    "detect": "huntlens.providers.normalizing:detect",
    "families": "huntlens.providers.normalizing:families",
    "normalize": "huntlens.providers.normalizing:normalize",
}

__getattr__, __dir__ = lazy(__name__, _TARGETS)
