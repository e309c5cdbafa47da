"""Puts magics, completion, help and display into a shell, and takes them out again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from IPython.core.magic import no_var_expand

from huntlens.assist.magic_line import MAGICS
from huntlens_kernel import complete, delivery, inspect, providers, publish, warm
from huntlens_kernel.manual import manual

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.assist.magic_line import MagicSpec
    from huntlens_kernel.session import Session


def register(session: Session) -> None:
    """Everything that loading the extension does."""
    for spec in MAGICS.values():
        _add_magic(session, spec)
    _add_formatters(session)
    complete.register(session)
    inspect.register(session)
    publish.register(session)
    providers.register(session)
    delivery.register(session)
    warm.register(session)
    _add_comment_rule(session)


def unregister(session: Session) -> None:
    """The reverse, last thing first."""
    while session.undo:
        session.undo.pop()()


def _add_magic(session: Session, spec: MagicSpec) -> None:
    manager = session.shell.magics_manager
    run = _magic(session, spec)
    kinds = [*(["line"] if spec.line else []), *(["cell"] if spec.body else [])]
    for kind in kinds:
        manager.register_function(run, kind, spec.name)
        session.undo.append(partial(manager.magics[kind].pop, spec.name, None))


def _magic(session: Session, spec: MagicSpec) -> Callable[..., Any]:
    """A magic that imports its module when it is called.

    `no_var_expand` keeps IPython from pasting variables into the text: `{a}` and `$a` mean something in queries.
    """

    def magic(line: str, cell: str | None = None) -> Any:
        from huntlens_kernel.call import call

        return call(session, spec, line, cell)

    magic.__name__ = spec.name
    magic.__doc__ = manual(spec)
    magic.__module__ = __name__
    marked: Callable[..., Any] = no_var_expand(magic)
    return marked


def _add_formatters(session: Session) -> None:
    """Results, process trees, findings and entities show themselves, wherever they were made."""
    formatter = session.shell.display_formatter.mimebundle_formatter

    def result(value: Any, **_options: object) -> dict[str, str]:
        from huntlens_kernel.display import result_bundle

        return result_bundle(value)

    def tree(value: Any, **_options: object) -> dict[str, str]:
        from huntlens_kernel.display import tree_bundle

        return tree_bundle(value)

    def findings(value: Any, **_options: object) -> dict[str, str]:
        from huntlens_kernel.display import findings_bundle

        return findings_bundle(value)

    def entity(value: Any, **_options: object) -> dict[str, str]:
        from huntlens_kernel.display import entity_bundle

        return entity_bundle(value)

    shown = {
        ("huntlens.providers.result", "Result"): result,
        ("huntlens.analyze.process_tree", "ProcessTree"): tree,
        ("huntlens.analyze.observations", "Observations"): findings,
        ("huntlens.entities.base", "Entity"): entity,
    }
    for (module, name), function in shown.items():
        formatter.for_type_by_name(module, name, function)
        session.undo.append(partial(formatter.deferred_printers.pop, (module, name), None))


def _add_comment_rule(session: Session) -> None:
    """A comment above `%%kql` would make IPython take the cell for Python; it is moved out of the way."""
    transforms = session.shell.input_transformers_cleanup
    transforms.append(without_leading_comments)
    session.undo.append(lambda: transforms.remove(without_leading_comments))


def without_leading_comments(lines: list[str]) -> list[str]:
    r"""The lines from our cell magic on, where only comments and blank lines stand above it.

    >>> without_leading_comments(["# failed logons\n", "%%kql\n", "T\n"])
    ['%%kql\n', 'T\n']
    """
    for index, line in enumerate(lines):
        word = line.split(maxsplit=1)[0] if line.strip() else ""
        if word.startswith("%%") and word[2:] in MAGICS:
            return lines[index:]
        if word and not word.startswith("#"):
            return lines
    return lines
