"""Text matching: whole terms, parts, beginnings and ends, regular expressions.

A term is a maximal run of ASCII letters and digits; a boundary is asked for only where the searched text itself
begins or ends with such a character, so `'cmd.exe' has '.exe'` is true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from huntlens.kql.compile.literal import MISSING, constant
from huntlens.kql.compile.special.convert import to_type
from huntlens.kql.compile.template import grouped, is_never_null, never_null
from huntlens.kql.regexes import beyond_re2

if TYPE_CHECKING:
    from huntlens.kql.compile.template import Call, Target

__all__ = ("match", "match_list")

_BEFORE: Final = "(^|[^0-9A-Za-z])"
_AFTER: Final = "([^0-9A-Za-z]|$)"
_CHUNK: Final = 500
"""The most terms of one regular expression: with thousands RE2 runs out of states and becomes 50 times slower."""
_LIKE_MARKS: Final = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


def lowered(node: exp.Expr, target: Target) -> exp.Expr:
    """A text in lower case; constants of ASCII at once, the rest by the engine, whose rules then hold on both sides."""
    value = constant(node)
    if isinstance(value, str) and value.isascii():
        return exp.Literal.string(value.lower())
    name = "LOWER" if target == "duckdb" else "lower"
    return exp.Anonymous(this=name, expressions=[never_null(node)])


def quote(text: str) -> str:
    r"""A text as a regular expression (RE2, Java) that matches just it.

    >>> print(quote("a.b c"))
    a\.b c
    """
    return "".join(_quote(character) for character in text)


def _quote(character: str) -> str:
    if character.isalnum() or character in " _-/:,;=@<>&%#!'\"~`" or ord(character) > 127:
        return character
    return f"\\x{{{ord(character):x}}}" if ord(character) < 32 or ord(character) == 127 else f"\\{character}"


def _is_caseless(text: str) -> bool:
    """Whether no letter is in a text, so that case is nothing to it: plain functions are faster than LIKE."""
    return text.isascii() and text.lower() == text.upper()


def _is_term(character: str) -> bool:
    return character.isascii() and character.isalnum()


def pattern(term: str, kind: str) -> str:
    """The regular expression of a term, a prefix or a suffix, by case."""
    before = _BEFORE if kind in ("term", "prefix") and _is_term(term[0]) else ""
    after = _AFTER if kind in ("term", "suffix") and _is_term(term[-1]) else ""
    return f"{before}{quote(term)}{after}"


def match(call: Call) -> exp.Expr:
    """`has`, `contains`, `startswith`, `matches regex` and their kin; options: what, and `cs`, `not`."""
    what, negated = call.options[0], "not" in call.options
    result = _match(call, call.node(1), what, cs="cs" in call.options, plain=call.filtering and not negated)
    return exp.Not(this=grouped(result)) if negated else result


def _match(call: Call, search: exp.Expr, what: str, *, cs: bool, plain: bool) -> exp.Expr:
    source = _text_of(call, 0)
    term = constant(search)
    if term is not MISSING and not isinstance(term, str):
        term = MISSING if term is not None else ""
    if what == "regex":
        why = beyond_re2(term) if isinstance(term, str) else ""
        if why:
            call.refuse(f"the regular expression cannot be used: {why}")
        return regex(source if plain else never_null(source), search, call.target)
    if term == "":
        return exp.true()
    if not plain:
        source = never_null(source)
    if isinstance(term, str):
        if what in ("term", "prefix", "suffix"):
            return _terms(source, term, what, call.target, cs=cs)
        return like(source, term, what, call.target, cs=cs)
    return _by_value(call, source, search, what, cs=cs)


def _text_of(call: Call, index: int) -> exp.Expr:
    return to_type(call.node(index), call.type(index), "string", call.target)


def regex(source: exp.Expr, search: exp.Expr, target: Target) -> exp.Expr:
    """Whether a regular expression matches somewhere."""
    if target == "spark":
        return exp.RegexpLike(this=grouped(source), expression=search)
    found = exp.Anonymous(this="REGEXP_MATCHES", expressions=[source, search])
    # An expression of the data may be none; it stops the query otherwise.
    return found if constant(search) is not MISSING else exp.Anonymous(this="TRY", expressions=[found])


def like(source: exp.Expr, text: str, what: str, target: Target, *, cs: bool) -> exp.Expr:
    """A text anywhere, at the start or at the end, by LIKE; by case through the engine's own functions."""
    if cs or _is_caseless(text):
        names = {"anywhere": "CONTAINS", "start": "STARTS_WITH", "end": "ENDS_WITH"}
        if target == "spark":
            names = {"anywhere": "CONTAINS", "start": "STARTSWITH", "end": "ENDSWITH"}
        return exp.Anonymous(this=names[what], expressions=[source, exp.Literal.string(text)])
    escaped = text.translate(_LIKE_MARKS)
    mask = f"{'' if what == 'start' else '%'}{escaped}{'' if what == 'end' else '%'}"
    found = exp.ILike(this=grouped(source), expression=exp.Literal.string(mask))
    if escaped == text or target == "spark":
        return found
    return exp.Escape(this=found, expression=exp.Literal.string("\\"))


def _terms(source: exp.Expr, term: str, what: str, target: Target, *, cs: bool) -> exp.Expr:
    """LIKE first, since it is five times as fast as the regular expression and rules out most rows."""
    first = like(source.copy(), term, "anywhere", target, cs=cs)
    found = pattern(term, what)
    if found == quote(term):
        return first
    flag = "" if cs or _is_caseless(term) else "(?i)"
    return exp.And(this=first, expression=regex(source, exp.Literal.string(f"{flag}{found}"), target))


def _by_value(call: Call, source: exp.Expr, search: exp.Expr, what: str, *, cs: bool) -> exp.Expr:
    """The searched text is a value of the row."""
    search = never_null(search)
    if not cs:
        source, search = lowered(source, call.target), lowered(search, call.target)
    simple = {
        "duckdb": {"anywhere": "contains({s}, {t})", "start": "starts_with({s}, {t})", "end": "ends_with({s}, {t})"},
        "spark": {"anywhere": "contains({s}, {t})", "start": "startswith({s}, {t})", "end": "endswith({s}, {t})"},
    }[call.target]
    if what in simple:
        return call.sql(simple[what], s=source, t=search)
    before = "CASE WHEN regexp_matches({t}, '^[0-9A-Za-z]') THEN '(^|[^0-9A-Za-z])' ELSE '' END"
    after = "CASE WHEN regexp_matches({t}, '[0-9A-Za-z]$') THEN '([^0-9A-Za-z]|$)' ELSE '' END"
    parts = [before if what != "suffix" else "''", "regexp_escape({t})", after if what != "prefix" else "''"]
    if call.target == "spark":
        parts = [part.replace("regexp_matches", "regexp_like") for part in parts]
        parts[1] = "concat('\\\\Q', {t}, '\\\\E')"
        return call.sql(f"regexp_like({{s}}, concat({', '.join(parts)}))", s=source, t=search)
    return call.sql(f"contains({{s}}, {{t}}) AND regexp_matches({{s}}, concat({', '.join(parts)}))", s=source, t=search)


def match_list(call: Call) -> exp.Expr:
    """`has_any` and `has_all`: one alternation where any will do, a chain of tests where all must."""
    terms: list[str] = []
    for index in range(1, len(call)):
        value = call.constant(index)
        if value is MISSING:
            return _match_run_time(call)
        items = value if isinstance(value, list) else [value]
        terms.extend(item if isinstance(item, str) else "" if item is None else str(item) for item in items)
    source = _text_of(call, 0)
    if call.options[1] == "all":
        tests = [_one(call, source.copy(), term) for term in terms]
        result: exp.Expr = tests[0] if tests else exp.true()
        for test in tests[1:]:
            result = exp.And(this=grouped(result), expression=grouped(test))
        return result
    if not terms:
        return exp.false()
    if "" in terms:
        return exp.true()
    if len(terms) == 1:
        return _one(call, source, terms[0])
    if not call.filtering and not is_never_null(source):
        source = never_null(source)
    chunks = [terms[place : place + _CHUNK] for place in range(0, len(terms), _CHUNK)]
    tests = [regex(source.copy(), exp.Literal.string(f"(?i){alternation(chunk)}"), call.target) for chunk in chunks]
    found = tests[0]
    for test in tests[1:]:
        found = exp.Or(this=found, expression=test)
    return found if len(tests) == 1 else exp.Paren(this=found)


def alternation(terms: list[str]) -> str:
    """One regular expression for several terms, those with the same kind of edges together."""
    groups: dict[tuple[bool, bool], list[str]] = {}
    for term in dict.fromkeys(terms):
        groups.setdefault((_is_term(term[0]), _is_term(term[-1])), []).append(quote(term))
    found = [
        f"{_BEFORE if before else ''}({'|'.join(group)}){_AFTER if after else ''}"
        for (before, after), group in groups.items()
    ]
    return found[0] if len(found) == 1 else f"({'|'.join(found)})"


def _one(call: Call, source: exp.Expr, term: str) -> exp.Expr:
    if term == "":
        return exp.true()
    if not call.filtering:
        source = never_null(source)
    return _terms(source, term, "term", call.target, cs=False)


def _match_run_time(call: Call) -> exp.Expr:
    arrays = [
        call.node(i) if call.type(i) in ("dynamic", "unknown") else call.sql("to_json({v!})", v=_text_of(call, i))
        for i in range(1, len(call))
    ]
    if call.target == "spark":
        call.refuse("the list of terms has to be constant on Spark")
    terms = "flatten([{a...}])" if len(arrays) > 1 else "{a...}"
    lists = [
        call.sql("CASE WHEN json_type({v}) = 'ARRAY' THEN json_extract_string({v}, '$[*]') "
                 "ELSE [json_extract_string({v}, '$')] END", v=array)
        for array in arrays
    ]  # fmt: skip
    test = (
        "regexp_matches({s}, concat('(?i)', CASE WHEN regexp_matches(t, '^[0-9A-Za-z]') THEN '(^|[^0-9A-Za-z])' "
        "ELSE '' END, regexp_escape(t), CASE WHEN regexp_matches(t, '[0-9A-Za-z]$') THEN '([^0-9A-Za-z]|$)' "
        "ELSE '' END))"
    )
    if terms == "{a...}":
        source_lists: exp.Expr = lists[0]
    else:
        source_lists = call.sql("flatten([{a...}])", a=lists)
    if call.options[1] == "all":
        test = f"NOT {test}"
    compared = "> 0" if call.options[1] == "any" else "= 0"
    sql = f"len(list_filter({{l}}, LAMBDA t : {test})) {compared}"
    return call.sql(sql, l=source_lists, s=never_null(_text_of(call, 0)))
