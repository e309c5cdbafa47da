"""The help of a magic: what `%kql?` shows, made of the same rows that completion and checks read."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from huntlens.assist.magic_line import HUNT_ACTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from huntlens.assist.magic_line import MagicSpec, Option

_WIDTH: Final = 96
_LEFT: Final = 26
_BODIES: Final = {"kql": "the query stands below", "text": "the text stands below"}


def manual(spec: MagicSpec) -> str:
    """The page: how it is written, what it takes, an example."""
    parts = [[spec.doc], list(_forms(spec))]
    if any(one.value == "action" for one in spec.arguments):
        parts.append(["Actions:", *_rows(HUNT_ACTIONS)])
    arguments = {one.name: one.doc for one in spec.arguments}
    options = dict(_option(one) for one in spec.options)
    parts += [["Takes:", *_rows({**arguments, **options})], textwrap.wrap(spec.notes, _WIDTH)]
    parts.append(["Example:", *(f"  {line}" for line in spec.example.splitlines())])
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _forms(spec: MagicSpec) -> Iterator[str]:
    shown = ((one.required, one.name + ("..." if one.rest else "")) for one in spec.arguments)
    words = " ".join(word if required else f"[{word}]" for required, word in shown)
    line = f"%{spec.name} [options] {words}" + (" query" if spec.body == "kql" else "")
    if spec.line:
        yield f"  {line}"
    if spec.body:
        cell = f"%%{spec.name} [options]" + (f" {words}" if spec.body == "kql" else "")
        yield f"  {cell:<{len(line)}}   ({_BODIES[spec.body]})"


def _option(option: Option) -> tuple[str, str]:
    """How it is written, and what it does; a long choice of values stands behind, where it can be wrapped."""
    if len(option.usage) <= _LEFT:
        return option.usage, option.doc
    name = ", ".join(reversed(option.flags))
    return f"{name} {option.value.upper()}", f"{option.doc} One of {', '.join(option.choices)}."


def _rows(rows: Mapping[str, str]) -> Iterator[str]:
    for name, doc in rows.items():
        first, *rest = textwrap.wrap(doc, _WIDTH - _LEFT - 3) or [""]
        yield f"  {name:<{_LEFT}} {first}"
        yield from (f"  {'':<{_LEFT}} {line}" for line in rest)
