"""Conversions: from one type to another, and what type a value has."""

from __future__ import annotations

from typing import Final

from huntlens.kql.functions.row import Function, special


def _to(name: str, to: str, doc: str, example: str, value: str, *, deprecated: str = "") -> Function:
    return Function(
        name, "value: scalar", to, doc, example, value, special("convert", to), special("convert", to),
        result_name="@0", category="conversion", deprecated=deprecated, hidden=bool(deprecated),
    )  # fmt: skip


ROWS: Final = (
    _to("tostring", "string", "The value as text; null becomes the empty text.", "tostring(dynamic({'a': 1}))",
        '{"a":1}'),
    _to("toint", "int", "The value as int; null if it is none, the fraction cut off.", "toint('42')", "42"),
    _to("tolong", "long", "The value as long; null if it is none, the fraction cut off.", "tolong(2.5)", "2"),
    _to("toreal", "real", "The value as real; null if it is none.", "toreal('1.5')", "1.5"),
    _to("todouble", "real", "The value as real; null if it is none.", "todouble('abc')", "null"),
    _to("todecimal", "decimal", "The value as decimal; null if it is none.", "todecimal('12.5')", "12.5"),
    _to("tobool", "bool", "The value as bool: texts true, false, 1 and 0, numbers other than zero.", "tobool('TRUE')",
        "True"),
    _to("toboolean", "bool", "The value as bool: texts true, false, 1 and 0, numbers other than zero.",
        "toboolean('0')", "False"),
    _to("todatetime", "datetime", "The text as datetime; null if it is none.",
        "todatetime('2026-03-01T10:00:00+02:00')",
        "2026-03-01T08:00:00.0000000Z"),
    _to("totimespan", "timespan", "The text as timespan; null if it is none.", "totimespan('1.02:00:00')",
        "1.02:00:00"),
    _to("totime", "timespan", "The text as timespan; null if it is none.", "totime('00:05')", "00:05:00",
        deprecated="totimespan"),
    _to("toguid", "guid", "The text as guid; null if it is none.", "toguid('70FC66F7-8279-44FC-9092-D364D70FCE44')",
        "70fc66f7-8279-44fc-9092-d364d70fce44"),
    _to("todynamic", "dynamic", "The text read as JSON; a text that is none stays a text.", "todynamic('[1, 2]')[1]",
        "2"),
    _to("toobject", "dynamic", "The text read as JSON.", "toobject('{\"a\": 1}').a", "1", deprecated="todynamic"),
    _to("parse_json", "dynamic", "The text read as JSON; a text that is none stays a text.",
        "parse_json('{\"a\": {\"b\": 7}}').a.b", "7"),
    _to("parsejson", "dynamic", "The text read as JSON.", "parsejson('[5]')[0]", "5", deprecated="parse_json"),
    Function(
        "gettype", "value: scalar", "string", "The name of the type that the value has at run time.",
        "gettype(dynamic([1]))", "array", special("gettype"), special("gettype"), result_name="type_",
        category="conversion",
    ),
    Function(
        "tohex", "value: integer, minLength?: integer", "string",
        "The number in hexadecimal digits, padded with zeros to a length.", "tohex(255, 4)", "00ff",
        special("tohex"), special("tohex"), result_name="@0", category="conversion",
    ),
    Function(
        "dynamic_to_json", "dynamic: dynamic", "string", "The JSON of a dynamic value, its keys sorted.",
        "dynamic_to_json(dynamic({'b': 1, 'a': [2, 3]}))", '{"a":[2,3],"b":1}', "kql_canonical_json({dynamic})",
        "kql_canonical_json({dynamic})", category="conversion",
    ),
)  # fmt: skip
