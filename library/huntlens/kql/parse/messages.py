"""What the parser says: one row a code, with its wording. Band 0 is syntax."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huntlens.kql.diagnostics import Diagnostic

if TYPE_CHECKING:
    from huntlens.kql.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Message:
    """One thing the parser can say; `wording` is a format string."""

    code: str
    name: str
    wording: str
    severity: Severity = "error"

    def at(self, start: int, end: int, **parts: str) -> Diagnostic:
        """The diagnostic about a stretch of text."""
        return Diagnostic(self.code, self.name, self.severity, start, end, self.wording.format_map(parts))


UNEXPECTED_CHARACTER: Final = Message("KQL001", "unexpected-character", "'{text}' is no part of the language")
OPEN_STRING: Final = Message("KQL002", "open-string", "the string is not closed: {quote} is missing")
BAD_ESCAPE: Final = Message(
    "KQL003", "bad-escape", "'{text}' is no escape; double the backslash, or write the string as @\"...\""
)
MISSING_TOKEN: Final = Message("KQL004", "missing-token", "expected {what}")
MISSING_EXPRESSION: Final = Message("KQL005", "missing-expression", "an expression is missing")
RESERVED_WORD: Final = Message(
    "KQL006",
    "reserved-word",
    "an expression is missing; '{text}' is a reserved word: to use it as a name write ['{text}']",
)
MISSING_NAME: Final = Message("KQL007", "missing-name", "a name is missing")
MISSING_TYPE: Final = Message("KQL008", "missing-type", "a type is missing: string, long, datetime, dynamic ...")
MISSING_OPERATOR: Final = Message("KQL009", "missing-operator", "an operator is missing after |")
UNKNOWN_OPERATOR: Final = Message("KQL010", "unknown-operator", "'{text}' is no operator{hint}")
UNEXPECTED_TEXT: Final = Message("KQL011", "unexpected-text", "'{text}' is unexpected here")
TOO_DEEP: Final = Message("KQL012", "too-deep", "the query is nested too deeply; name parts of it with let")
UNREADABLE_LITERAL: Final = Message(
    "KQL013", "unreadable-literal", "'{text}' cannot be read as {type}, so it is null", "warning"
)
RAW_GUID: Final = Message("KQL014", "raw-guid", "write guid({text})")
NAME_NEEDS_BRACKETS: Final = Message("KQL015", "name-needs-brackets", "a name with a dash is written ['{text}']")
MISSING_JSON: Final = Message(
    "KQL016", "missing-value", "a value is missing: a number, a string, null, [...] or {{...}}"
)
MISSING_SCHEMA: Final = Message("KQL017", "missing-schema", "column names and types are missing: (name: type, ...)")
MISSING_CALL: Final = Message("KQL018", "missing-call", "a function call is missing: name(...)")
MISSING_PIPE: Final = Message("KQL019", "missing-pipe", "expected | before '{text}', or ; before a new statement")
MISSING_PATTERN: Final = Message("KQL020", "missing-pattern", "a graph pattern is missing: (a)-[b]->(c)")
UNKNOWN_TYPE: Final = Message("KQL021", "unknown-type", "'{text}' is no type of a column: string, long, datetime ...")
UNKNOWN_SETTING: Final = Message("KQL022", "unknown-setting", "'{text}' is none of its settings: {known}")
MISSING_SOURCE: Final = Message("KQL023", "missing-source", "'{text}' needs a table in front: T | {text} ...")
RESERVED_NAME: Final = Message("KQL024", "reserved-name", "'{text}' is a reserved word: as a name write ['{text}']")

MESSAGES: Final = tuple(value for value in list(globals().values()) if isinstance(value, Message))
