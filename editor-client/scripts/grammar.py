"""Write the TextMate grammar of KQL from the tables of `huntlens.kql.tokens`.

python editor-client/scripts/grammar.py            # writes syntaxes/kql.tmLanguage.json
python editor-client/scripts/grammar.py --check    # says whether it is up to date
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from huntlens.kql import tokens

TARGET = Path(__file__).resolve().parent.parent / "syntaxes" / "kql.tmLanguage.json"
LOGIC = ("and", "or", "asc", "desc", "by", "on", "with", "of", "to", "as")


def words(found: Any) -> str:
    """Alternatives, the longest first, so that no word hides a longer one."""
    return "|".join(
        re.escape(word).replace("\\ ", "\\s+") for word in sorted(found, key=lambda word: (-len(word), word))
    )


def grammar() -> dict[str, Any]:
    """The grammar as a value."""
    operators = {*tokens.STRING_OPERATORS, *tokens.LIST_OPERATORS, *tokens.RANGE_OPERATORS, "matches regex"}
    symbolic = {word for word in operators if not word[0].isalpha() or not word[-1].isalnum()}
    hard = {word for word in tokens.HARD - tokens.TYPES - operators if word[0].isalpha()}
    units = words(tokens.TIME_UNITS)
    return {
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "name": "KQL",
        "scopeName": "source.kql",
        "fileTypes": ["kql", "csl", "kusto"],
        "patterns": [{"include": "#all"}],
        "repository": {
            "all": {
                "patterns": [
                    {"include": f"#{name}"}
                    for name in (
                        "comment",
                        "string",
                        "typed",
                        "pipe",
                        "operator",
                        "keyword",
                        "hint",
                        "number",
                        "constant",
                        "call",
                        "type",
                        "symbol",
                    )  # fmt: skip
                ]
            },
            "comment": {"name": "comment.line.double-slash.kql", "match": "//.*$"},
            "string": {
                "patterns": [
                    {"name": "string.quoted.triple.kql", "begin": "[hH]?(```|~~~)", "end": "\\1"},
                    {
                        "name": "string.quoted.verbatim.kql",
                        "match": "[hH]?@\"(?:[^\"\\n]|\"\")*\"|[hH]?@'(?:[^'\\n]|'')*'",
                    },
                    *(
                        {
                            "name": f"string.quoted.{name}.kql",
                            "begin": f"[hH]?{quote}",
                            "end": f"{quote}|$",
                            "patterns": [{"name": "constant.character.escape.kql", "match": "\\\\."}],
                        }
                        for name, quote in (("double", '"'), ("single", "'"))
                    ),
                ]
            },
            "typed": {
                "name": "constant.other.kql",
                "match": "\\b(datetime|date|timespan|time|guid|decimal|real|double|long|int|bool)\\s*\\(\\s*[^()\"']*\\)",
                "captures": {"1": {"name": "storage.type.kql"}},
            },
            "pipe": {
                "match": "(\\|)\\s*([A-Za-z_][A-Za-z_]*(?:-[a-z]+)*)?",
                "captures": {"1": {"name": "keyword.operator.pipe.kql"}, "2": {"name": "keyword.control.kql"}},
            },
            "operator": {
                "name": "keyword.operator.word.kql",
                "match": f"(?:{words(symbolic)})(?![\\w~])|\\b(?:{words(operators - symbolic)})\\b(?!\\s*\\()",
            },
            "keyword": {
                "patterns": [
                    {"name": "keyword.operator.logical.kql", "match": f"\\b(?:{words(LOGIC)})\\b"},
                    {"name": "keyword.control.kql", "match": f"\\b(?:{words(hard - set(LOGIC))})\\b(?!\\s*=[^=~])"},
                ]
            },
            "hint": {
                "match": f"\\b({words(tokens.PARAMETERS)})\\s*(=)(?![=~])",
                "captures": {"1": {"name": "variable.parameter.kql"}, "2": {"name": "keyword.operator.kql"}},
            },
            "number": {
                "patterns": [
                    {"name": "constant.numeric.timespan.kql", "match": f"\\b\\d+(?:\\.\\d+)?(?:{units})\\b"},
                    {
                        "name": "constant.numeric.kql",
                        "match": "\\b(?:0x[0-9a-fA-F]+|\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?)\\b",
                    },
                ]
            },
            "constant": {"name": "constant.language.kql", "match": "\\b(?:true|false|null)\\b"},
            "call": {"name": "support.function.kql", "match": "\\b[A-Za-z_]\\w*(?=\\s*\\()"},
            "type": {
                "match": f"(:)\\s*({words(tokens.TYPES)})\\b",
                "captures": {"1": {"name": "punctuation.separator.kql"}, "2": {"name": "storage.type.kql"}},
            },
            "symbol": {"name": "keyword.operator.kql", "match": "==|!=|=~|!~|<=|>=|<>|=>|\\.\\.|[-+*/%<>=]"},
        },
    }


def main() -> int:
    """Write the grammar, or compare it."""
    text = json.dumps(grammar(), indent=2) + "\n"
    if "--check" in sys.argv:
        return 0 if TARGET.read_text("utf-8") == text else 1
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
