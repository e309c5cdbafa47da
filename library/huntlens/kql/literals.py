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


def name_text(name: str) -> str:
    """A name as KQL writes it: in brackets where it is no plain word.

    >>> name_text("a"), name_text("a b")
    ('a', "['a b']")
    """
    if name.isidentifier() and name.isascii():
        return name
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"
