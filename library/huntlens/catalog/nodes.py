"""YAML as nodes that know their line, read step by step with every error collected.

The composed nodes are walked, no Python object is ever constructed by YAML; depth and size are bounded by what the
reader asks for, so an alias bomb unfolds nowhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import yaml

from huntlens.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Iterator

Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH: Final = 8
_MAX_ITEMS: Final = 100_000
_MAX_BYTES: Final = 32 * 2**20


class Reader:
    """Collects the errors of one file while its nodes are read."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.errors: list[PackError] = []
        self._items = 0
        self._key_lines: dict[int, int] = {}

    def fail(self, message: str, node: yaml.Node | int) -> None:
        """Note an error at a node or at a line."""
        self.errors.append(PackError(message, self.path, node if isinstance(node, int) else line_of(node)))

    def root(self, text: str) -> yaml.Node | None:
        """The one document of a text, or None with the error noted."""
        documents = self.documents(text)
        return documents[0] if documents else None

    def documents(self, text: str) -> list[yaml.Node]:
        """All documents of a text; those before a syntax error are kept."""
        found: list[yaml.Node] = []
        if len(text) > _MAX_BYTES:
            self.fail(f"the file is larger than {_MAX_BYTES // 2**20} MiB", 1)
            return found
        try:
            found.extend(node for node in yaml.compose_all(text, Loader=Loader) if node is not None)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.fail(f"not valid YAML: {error.problem or error.context}", mark.line + 1 if mark else 1)
        except (yaml.YAMLError, RecursionError) as error:
            self.fail(f"not valid YAML: {error}".splitlines()[0], 1)
        return found

    def mapping(self, node: yaml.Node | None, what: str) -> dict[str, yaml.Node]:
        """Keys and value nodes of a mapping; an error where it is none or a key stands twice."""
        if node is None or is_null(node):
            return {}
        if not isinstance(node, yaml.MappingNode):
            self.fail(f"{what} must be a mapping of keys to values", node)
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.fail(f"a key of {what} must be a text", key)
            elif key.value in found:
                self.fail(f"'{key.value}' stands twice in {what}", key)
            else:
                found[key.value] = value
                self._key_lines[id(value)] = line_of(key)
        return found

    def key_line(self, node: yaml.Node) -> int:
        """The line of the key that a value of a mapping stands under."""
        return self._key_lines.get(id(node), line_of(node))

    def items(self, node: yaml.Node | None, what: str) -> Iterator[yaml.Node]:
        """The item nodes of a list; a single value is a list of one."""
        if node is None or is_null(node):
            return
        if isinstance(node, yaml.SequenceNode):
            yield from node.value
        elif isinstance(node, yaml.ScalarNode):
            yield node
        else:
            self.fail(f"{what} must be a list", node)

    def text(self, node: yaml.Node | None, what: str, default: str = "") -> str:
        """The text of a scalar."""
        if node is None or is_null(node):
            return default
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        self.fail(f"{what} must be a text", node)
        return default

    def texts(self, node: yaml.Node | None, what: str) -> tuple[str, ...]:
        """The texts of a list."""
        return tuple(text for item in self.items(node, what) if (text := self.text(item, f"an item of {what}")))

    def flag(self, node: yaml.Node | None, what: str, *, default: bool = False) -> bool:
        """A true or false."""
        if node is None:
            return default
        value = self.value(node)
        if isinstance(value, bool):
            return value
        self.fail(f"{what} must be true or false", node)
        return default

    def value(self, node: yaml.Node, depth: int = 0) -> object:
        """The plain value of a node: texts, numbers, booleans, lists, mappings; times stay texts."""
        self._items += 1
        if depth > _MAX_DEPTH or self._items > _MAX_ITEMS:
            if self._items != _MAX_ITEMS + 2:
                self.fail("a value is nested too deep or is too large", node)
                self._items = _MAX_ITEMS + 1
            return None
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, depth + 1) for item in node.value]
        if isinstance(node, yaml.MappingNode):
            return {str(key.value): self.value(item, depth + 1) for key, item in node.value}
        return _scalar(node)


def line_of(node: yaml.Node) -> int:
    """The line of a node, counted from 1."""
    return int(node.start_mark.line) + 1


def is_null(node: yaml.Node) -> bool:
    """Whether a node stands for no value."""
    return bool(node.tag == "tag:yaml.org,2002:null")


def _scalar(node: yaml.Node) -> object:
    text = str(node.value)
    kind = node.tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in ("true", "yes", "on")
    if kind == "int" and re.fullmatch(r"[-+]?\d+", text):
        return int(text)
    if kind == "float" and re.fullmatch(r"[-+]?\d*\.?\d+(e[-+]?\d+)?", text, re.IGNORECASE):
        return float(text)
    return text


def block_text(node: yaml.Node, lines: list[str]) -> tuple[int, int]:
    """The line where the text of a scalar begins and its indentation: a block scalar begins one line further."""
    line = int(node.start_mark.line)
    block = getattr(node, "style", "") in ("|", ">")
    if block:
        line += 1
        while line < len(lines) - 1 and not lines[line].strip():
            line += 1
    indent = len(lines[line]) - len(lines[line].lstrip(" ")) if block and line < len(lines) else 0
    return line + 1, indent
