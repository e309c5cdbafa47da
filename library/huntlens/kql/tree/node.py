"""Node classes: dataclasses with slots, compared by identity, whose `__init__` is written when one is first made.

There are some two hundred of them and a query uses a few dozen; writing all at import takes 20 ms.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from dataclasses import Field

_Class = TypeVar("_Class")


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def node(kind: type[_Class]) -> type[_Class]:
    """Makes a node class."""
    kind.__doc__ = kind.__doc__ or kind.__name__  # without one, dataclass works out a signature, which takes longer
    made: Any = dataclass(init=False, slots=True, eq=False, repr=False)(kind)  # a repr would print the whole tree
    made.__init__ = _write_init
    return made  # type: ignore[no-any-return]  # dataclass gives the class that it takes


def _write_init(self: Any, /, *values: Any, **named: Any) -> None:
    """Stands for `__init__` until it is called: then it is replaced by one that is as fast as written by hand."""
    kind = type(self)
    kind.__init__ = written = _init_of(kind)
    written(self, *values, **named)


def _init_of(kind: type[Any]) -> Any:
    known: dict[str, Any] = {}
    items = fields(kind)
    positional = [_parameter(item, known) for item in items if not item.kw_only]
    named = [_parameter(item, known) for item in items if item.kw_only]
    head = ", ".join(["self", *positional, *(["*", *named] if named else [])])
    body = [f" self.{item.name} = {_value(item)}" for item in items] or [" pass"]
    exec("\n".join([f"def __init__({head}):", *body]), known)  # noqa: S102  # names of our own classes, as dataclass does
    return known["__init__"]


def _parameter(item: Field[Any], known: dict[str, Any]) -> str:
    if item.default_factory is not MISSING:
        known[f"_make_{item.name}"] = item.default_factory
        return f"{item.name}=None"
    if item.default is not MISSING:
        known[f"_default_{item.name}"] = item.default
        return f"{item.name}=_default_{item.name}"
    return item.name


def _value(item: Field[Any]) -> str:
    """What a field is set to; a field with a factory is never None on purpose."""
    name = item.name
    return name if item.default_factory is MISSING else f"_make_{name}() if {name} is None else {name}"
