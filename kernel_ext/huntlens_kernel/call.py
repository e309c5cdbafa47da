"""Runs one magic: reads its line, calls its module, and turns what goes wrong into a few clear lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huntlens.assist.magic_line import parse_line
from huntlens.registry import load_member, public_object
from huntlens_kernel.errors import problem_of_line, quiet

if TYPE_CHECKING:
    from huntlens.assist.magic_line import MagicSpec
    from huntlens_kernel.session import Session

MAGICS = "huntlens_kernel.magics"


def call(session: Session, spec: MagicSpec, text: str, cell: str | None) -> Any:
    """The value of a magic; its errors are shown without a traceback."""
    with quiet(session, first_line=1 if cell is None else 2):
        line = parse_line(spec, text, inline=cell is None and spec.body == "kql", connections=session.connections)
        errors = [problem for problem in line.problems if problem.severity == "error"]
        if errors:
            raise problem_of_line(spec, text, errors, is_cell=cell is not None)
        function = public_object(load_member(MAGICS, spec.name))
        value = function(session, line, cell)
        return _keep(session, line.value("out"), value, silent=line.given("silent"))


def _keep(session: Session, name: str, value: Any, *, silent: bool) -> Any:
    """Put the value into the variable that the line names; what is shown does not depend on it."""
    if name:
        session.names[name] = getattr(value, "df", value)
    return None if silent else value
