"""Values as KQL writes them."""

from __future__ import annotations


def quoted(text: str) -> str:
    r"""A text as a KQL literal.

    >>> print(quoted('say "hi"'))
    "say \"hi\""
    """
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    return f'"{escaped}"'
