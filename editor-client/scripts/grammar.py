"""Write the TextMate grammar of KQL from the tables of `huntlens.kql.tokens`, and what injects it into other languages.

python editor-client/scripts/grammar.py            # writes the files of `syntaxes`
python editor-client/scripts/grammar.py --check    # says whether they are up to date

Injected are magics into Python (their names come from `huntlens.assist.magic_line`), strings of Python that are run as
queries, the KQL of query packs, and fenced blocks of Markdown.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from huntlens.assist.magic_line import MAGICS
from huntlens.kql import tokens

TARGET = Path(__file__).resolve().parent.parent / "syntaxes"
LOGIC = ("and", "or", "asc", "desc", "by", "on", "with", "of", "to", "as")
ANYWHERE = (
    "let", "set", "declare", "alias", "restrict", "pattern", "query_parameters", "where", "project", "print", "union",
    "find", "search", "invoke", "datatable", "externaldata", "materialize", "toscalar", "totable", "typeof", "view",
    "step", "from", "nulls",
)  # fmt: skip
"""Words that are keywords wherever they stand; operators are told by the bar in front of them."""


def words(found: Any) -> str:
    """Alternatives, the longest first, so that no word hides a longer one."""
    return "|".join(
        re.escape(word).replace("\\ ", "\\s+") for word in sorted(found, key=lambda word: (-len(word), word))
    )


def grammar() -> dict[str, Any]:
    """The grammar as a value."""
    operators = {*tokens.STRING_OPERATORS, *tokens.LIST_OPERATORS, *tokens.RANGE_OPERATORS, "matches regex"}
    symbolic = {word for word in operators if not word[0].isalpha() or not word[-1].isalnum()}
    assert set(ANYWHERE) <= {*tokens.HARD, *tokens.SOFT}, set(ANYWHERE) - {*tokens.HARD, *tokens.SOFT}
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
                    {
                        "name": "keyword.control.kql",
                        "match": f"\\b(?:{words({*ANYWHERE, *tokens.DASHED})})\\b(?!\\s*=[^=~])",
                    },
                    {"name": "keyword.control.kql", "match": f"^\\s*(?:{words(tokens.SOFT_OPERATORS)})\\b(?=\\s+\\w)"},
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


EMBEDDED = {"contentName": "meta.embedded.block.kql", "patterns": [{"include": "source.kql"}]}
MAGIC = "keyword.control.magic.huntlens"
OPTIONS = "variable.parameter.magic.huntlens"


def captures(*names: str) -> dict[str, dict[str, str]]:
    """Names of the groups of an expression, in order."""
    return {str(at): {"name": name} for at, name in enumerate(names, 1) if name}


def injection(name: str, selector: str, *patterns: dict[str, Any]) -> dict[str, Any]:
    """A grammar that is injected into others."""
    return {"scopeName": f"inline.huntlens.{name}", "injectionSelector": selector, "patterns": list(patterns)}


def cells() -> dict[str, Any]:
    """Magics, and strings that are run as queries, in Python."""
    kql = words(one.name for one in MAGICS.values() if one.body == "kql")
    others = words(one.name for one in MAGICS.values() if one.body != "kql")
    body = {
        "begin": f"^(%%(?:{kql}))\\b(.*)$",
        "beginCaptures": captures(MAGIC, OPTIONS),
        "end": "(?!)",
        **EMBEDDED,
    }
    line = {
        "match": f"^\\s*(?:\\w+\\s*=\\s*)?(%(?:{kql}))\\b((?:\\s+-{{1,2}}[\\w-]+(?:[ =][^\\s|-]\\S*)?)*)(.*)$",
        "captures": {
            **captures(MAGIC, OPTIONS),
            "3": {"name": "meta.embedded.inline.kql", "patterns": [{"include": "source.kql"}]},
        },
    }
    other = {
        "match": f"^\\s*(%%?(?:{others}))\\b(.*)$",
        "captures": captures(MAGIC, "string.unquoted.magic.huntlens"),
    }
    string = {
        "begin": "\\b(exec_query)\\s*(\\()\\s*([rRfF]*)(\"\"\"|'''|\"|')",
        "beginCaptures": captures(
            "meta.function-call.generic.python",
            "punctuation.definition.arguments.begin.python",
            "storage.type.string.python",
            "punctuation.definition.string.begin.python",
        ),
        "end": "\\4",
        "endCaptures": {"0": {"name": "punctuation.definition.string.end.python"}},
        **EMBEDDED,
    }
    return injection("cells", "L:source.python -string -comment -meta.embedded", body, line, other, string)


def packs() -> dict[str, Any]:
    """The KQL of query packs."""
    block = {
        "begin": "^(\\s+)(kql)(:)\\s*([|>][-+0-9]*)\\s*$",
        "beginCaptures": captures(
            "",
            "entity.name.tag.yaml",
            "punctuation.separator.key-value.mapping.yaml",
            "keyword.control.flow.block-scalar.literal.yaml",
        ),
        "while": "^(\\1\\s+|\\s*$)",
        **EMBEDDED,
    }
    return injection("packs", "L:source.yaml -comment", block)


def fences() -> dict[str, Any]:
    """Fenced blocks of Markdown."""
    block = {
        "begin": "(^|\\G)(\\s*)(`{3,}|~{3,})\\s*(?i:(kql|kusto))(?=\\s|$)[^`]*$",
        "beginCaptures": {
            "3": {"name": "punctuation.definition.markdown"},
            "4": {"name": "fenced_code.block.language.markdown"},
        },
        "end": "(^|\\G)(\\2|\\s{0,3})(\\3)\\s*$",
        "endCaptures": {"3": {"name": "punctuation.definition.markdown"}},
        **EMBEDDED,
    }
    return injection("fences", "L:text.html.markdown", block)


FILES = {
    "kql.tmLanguage.json": grammar,
    "cells.injection.json": cells,
    "packs.injection.json": packs,
    "fences.injection.json": fences,
}


def main() -> int:
    """Write the grammars, or compare them."""
    texts = {TARGET / name: json.dumps(make(), indent=2) + "\n" for name, make in FILES.items()}
    if "--check" in sys.argv:
        return int(any(not path.is_file() or path.read_text("utf-8") != text for path, text in texts.items()))
    for path, text in texts.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
