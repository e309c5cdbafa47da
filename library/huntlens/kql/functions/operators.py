"""Operators as rows: comparison, text matching, membership, logic, arithmetic, access to dynamic values.

Named as they are written; `unary -` is the changed sign and `[]` the access by key or index.
"""

from __future__ import annotations

from typing import Final

from huntlens.kql.functions import returns
from huntlens.kql.functions.row import Function, ReturnRule, special


def _compare(name: str, doc: str, example: str, value: str) -> Function:
    lower = special("compare", name)
    return Function(
        name,
        "left: scalar, right: scalar",
        "bool",
        doc,
        example,
        value,
        lower,
        lower,
        "operator",
        category="comparison",
    )


def _text(name: str, doc: str, example: str, value: str, *words: str) -> Function:
    lower = special("match", *words)
    return Function(
        name, "source: scalar, search: scalar", "bool", doc, example, value, lower, lower, "operator", category="text"
    )


def _set(name: str, doc: str, example: str, value: str, *words: str) -> Function:
    lower = special("member", *words)
    return Function(
        name, "source: scalar, ...values: scalar", "bool", doc, example, value, lower, lower, "operator",
        category="membership",
    )  # fmt: skip


def _any(name: str, doc: str, example: str, value: str, *words: str) -> Function:
    lower = special("match_list", *words)
    return Function(
        name, "source: scalar, ...values: scalar", "bool", doc, example, value, lower, lower, "operator",
        category="text",
    )  # fmt: skip


def _arithmetic(name: str, rule: ReturnRule, doc: str, example: str, value: str, *, signature: str = "") -> Function:
    lower = special("arithmetic", name)
    formal = signature or "left: summable, right: summable"
    return Function(name, formal, rule, doc, example, value, lower, lower, "operator", category="arithmetic")


ROWS: Final = (
    _compare("==", "True if both sides are equal; text by case.", "'a' == 'A'", "False"),
    _compare("!=", "True if the sides differ; text by case.", "'a' != 'A'", "True"),
    _compare("<>", "True if the sides differ; the same as `!=`.", "1 <> 2", "True"),
    _compare("<", "True if left is smaller.", "1 < 2", "True"),
    _compare("<=", "True if left is smaller or equal.", "2 <= 2", "True"),
    _compare(">", "True if left is greater.", "datetime(2026-01-02) > datetime(2026-01-01)", "True"),
    _compare(">=", "True if left is greater or equal.", "1h >= 60m", "True"),
    _compare("=~", "True if both texts are equal, whatever their case.", "'Straße' =~ 'STRAßE'", "True"),
    _compare("!~", "True if both texts differ, whatever their case.", "'a' !~ 'A'", "False"),
    _text("has", "True if the text holds the term as a whole word, whatever its case.",
          "'C:\\\\Windows\\\\cmd.exe' has 'CMD'", "True", "term"),
    _text("!has", "True if the text does not hold the term as a whole word.", "'powershell' !has 'power'", "True",
          "term", "not"),
    _text("has_cs", "True if the text holds the term as a whole word, by case.", "'cmd.exe' has_cs 'CMD'", "False",
          "term", "cs"),
    _text("!has_cs", "True if the text does not hold the term as a whole word, by case.",
          "'cmd.exe' !has_cs 'CMD'", "True", "term", "cs", "not"),
    _text("hasprefix", "True if a word of the text starts with the prefix.", "'run powershell' hasprefix 'Power'",
          "True", "prefix"),
    _text("!hasprefix", "True if no word of the text starts with the prefix.", "'run powershell' !hasprefix 'shell'",
          "True", "prefix", "not"),
    _text("hasprefix_cs", "True if a word of the text starts with the prefix, by case.",
          "'run powershell' hasprefix_cs 'Power'", "False", "prefix", "cs"),
    _text("!hasprefix_cs", "True if no word of the text starts with the prefix, by case.",
          "'run powershell' !hasprefix_cs 'Power'", "True", "prefix", "cs", "not"),
    _text("hassuffix", "True if a word of the text ends with the suffix.", "'run powershell -enc' hassuffix 'SHELL'",
          "True", "suffix"),
    _text("!hassuffix", "True if no word of the text ends with the suffix.", "'run powershell' !hassuffix 'power'",
          "True", "suffix", "not"),
    _text("hassuffix_cs", "True if a word of the text ends with the suffix, by case.",
          "'run powershell' hassuffix_cs 'shell'", "True", "suffix", "cs"),
    _text("!hassuffix_cs", "True if no word of the text ends with the suffix, by case.",
          "'run powershell' !hassuffix_cs 'SHELL'", "True", "suffix", "cs", "not"),
    _text("contains", "True if the text holds the other text anywhere, whatever its case.",
          "'powershell' contains 'ERS'", "True", "anywhere"),
    _text("!contains", "True if the text does not hold the other text.", "'powershell' !contains 'cmd'", "True",
          "anywhere", "not"),
    _text("contains_cs", "True if the text holds the other text anywhere, by case.",
          "'powershell' contains_cs 'ERS'", "False", "anywhere", "cs"),
    _text("!contains_cs", "True if the text does not hold the other text, by case.",
          "'powershell' !contains_cs 'ERS'", "True", "anywhere", "cs", "not"),
    _text("startswith", "True if the text starts with the other text, whatever its case.",
          "'powershell' startswith 'POWER'", "True", "start"),
    _text("!startswith", "True if the text does not start with the other text.", "'powershell' !startswith 'shell'",
          "True", "start", "not"),
    _text("startswith_cs", "True if the text starts with the other text, by case.",
          "'powershell' startswith_cs 'POWER'", "False", "start", "cs"),
    _text("!startswith_cs", "True if the text does not start with the other text, by case.",
          "'powershell' !startswith_cs 'POWER'", "True", "start", "cs", "not"),
    _text("endswith", "True if the text ends with the other text, whatever its case.", "'cmd.exe' endswith '.EXE'",
          "True", "end"),
    _text("!endswith", "True if the text does not end with the other text.", "'cmd.exe' !endswith '.dll'", "True",
          "end", "not"),
    _text("endswith_cs", "True if the text ends with the other text, by case.", "'cmd.exe' endswith_cs '.EXE'",
          "False", "end", "cs"),
    _text("!endswith_cs", "True if the text does not end with the other text, by case.",
          "'cmd.exe' !endswith_cs '.EXE'", "True", "end", "cs", "not"),
    _text("matches regex", "True if the regular expression (RE2) matches somewhere in the text.",
          "'cmd.exe' matches regex @'\\.exe$'", "True", "regex"),
    _set("in", "True if the value is one of the list; text by case.", "'a' in ('A', 'b')", "False"),
    _set("!in", "True if the value is none of the list; text by case.", "'a' !in ('A', 'b')", "True", "not"),
    _set("in~", "True if the text is one of the list, whatever its case.", "'a' in~ ('A', 'b')", "True", "ci"),
    _set("!in~", "True if the text is none of the list, whatever its case.", "'a' !in~ ('A', 'b')", "False", "ci",
         "not"),
    _any("has_any", "True if the text holds one of the terms as a whole word.",
         "'net user /add' has_any ('group', 'USER')", "True", "term", "any"),
    _any("has_all", "True if the text holds every one of the terms as a whole word.",
         "'net user /add' has_all ('net', 'group')", "False", "term", "all"),
    Function(
        "between", "value: summable, low: summable, high: summable", "bool",
        "True if the value is not below low and not above high; behind a datetime, high may be a timespan from low.",
        "datetime(2026-01-01 05:00) between (datetime(2026-01-01) .. 1d)", "True",
        special("between"), special("between"), "operator", category="comparison",
    ),
    Function(
        "!between", "value: summable, low: summable, high: summable", "bool",
        "True if the value is below low or above high.", "5 !between (1 .. 4)", "True",
        special("between", "not"), special("between", "not"), "operator", category="comparison",
    ),
    Function("and", "left: bool, right: bool", "bool", "True if both are true; null if neither false nor both known.",
             "true and false", "False", special("logic", "and"), special("logic", "and"), "operator", category="logic"),
    Function("or", "left: bool, right: bool", "bool", "True if one is true; null if neither is, and one is unknown.",
             "true or false", "True", special("logic", "or"), special("logic", "or"), "operator", category="logic"),
    _arithmetic("+", returns.plus, "Sum of numbers or timespans, or a datetime moved by a timespan.",
                "datetime(2026-01-31) + 1d", "2026-02-01T00:00:00.0000000Z"),
    _arithmetic("-", returns.minus, "Difference; of two datetimes the timespan between them.",
                "datetime(2026-01-02) - datetime(2026-01-01 12:00)", "12:00:00",
                signature="left: summable, right?: summable"),
    _arithmetic("*", returns.times, "Product of numbers, or of a timespan and a number.", "90m * 2", "03:00:00",
                signature="left: number|timespan, right: number|timespan"),
    _arithmetic("/", returns.divide, "Quotient; of integers the whole part, of timespans a real.", "-14 / 12", "-1",
                signature="left: number|timespan, right: number|timespan"),
    _arithmetic("%", returns.modulo, "Remainder, never negative.", "-14 % 12", "10",
                signature="left: number|timespan, right: number|timespan"),
    _arithmetic("unary -", returns.absolute, "The value with its sign changed.", "-(3)", "-3",
                signature="value: number|timespan"),
    _arithmetic("unary +", returns.absolute, "The value as it is.", "+(3)", "3", signature="value: number|timespan"),
    Function(
        "[]", "source: dynamic, key: string|long", "dynamic",
        "The value under a key or at a position of a dynamic value; a negative position counts from the end.",
        "dynamic({'a': [1, 2, 3]})['a'][-1]", "3", special("get"), special("get"), "operator", category="dynamic",
    ),
)  # fmt: skip
