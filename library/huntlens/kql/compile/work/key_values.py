"""Takes key-value pairs out of a text, as `parse-kv` describes them."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from itertools import pairwise
from typing import Any


def key_values(text: str | None, how: str) -> str:
    """The pairs of a text as a JSON object; the first of equal keys counts.

    >>> key_values("a=1;b=2", '{"pair_delimiter": ";", "kv_delimiter": "="}')
    '{"a": "1", "b": "2"}'
    """
    found: dict[str, str] = {}
    for key, value in _pairs(text or "", _options(how)):
        found.setdefault(key, value)
    return json.dumps(found)


@lru_cache(maxsize=64)
def _options(how: str) -> dict[str, Any]:
    options: dict[str, Any] = json.loads(how)
    return options


def _pairs(text: str, options: dict[str, Any]) -> list[tuple[str, str]]:
    pattern = options.get("regex")
    if pattern:
        return [(match[1].strip(), match[2]) for match in re.finditer(pattern, text)]
    opening, closing = _quotes(options.get("quote"))
    escape = options.get("escape") or ""
    if not options.get("kv_delimiter") and not options.get("pair_delimiter"):
        return _words(text, opening, closing, escape)
    delimiter = options.get("kv_delimiter") or "="
    if options.get("greedy"):
        return _greedy(text, delimiter, options)
    pairs, position = [], 0
    while position < len(text):
        piece, position = _token(text, position, options.get("pair_delimiter") or " ", opening, closing, escape)
        key, found, value = _cut(piece, delimiter, opening, closing, escape)
        if found:
            pairs.append((_bare(key.strip(), opening, closing, escape), _bare(value, opening, closing, escape)))
    return pairs


def _quotes(quote: Any) -> tuple[str, str]:
    if not quote:
        return "", ""
    if isinstance(quote, list):
        return str(quote[0]), str(quote[-1])
    return quote[0], quote[-1]


def _words(text: str, opening: str, closing: str, escape: str) -> list[tuple[str, str]]:
    """Without delimiters every other sign is one: each word is a key, and the word behind it its value."""
    words, position = [], 0
    while position < len(text):
        if opening and text[position] == opening:
            end = position + _end_of_quote(text[position:], closing, escape)
            words.append(_bare(text[position : end + 1], opening, closing, escape))
            position = end + 1
            continue
        match = re.compile(r"\w+").match(text, position)
        if match:
            words.append(match[0])
        position = match.end() if match else position + 1
    return list(pairwise(words))


def _token(text: str, start: int, delimiters: str, opening: str, closing: str, escape: str) -> tuple[str, int]:
    """The text up to the next delimiter outside quotes, and where to go on."""
    position, quoted = start, False
    while position < len(text):
        char = text[position]
        if escape and char == escape and position + 1 < len(text):
            position += 2
            continue
        if quoted:
            quoted = char != closing
        elif opening and char == opening:
            quoted = True
        elif char in delimiters:
            return text[start:position], position + 1
        position += 1
    return text[start:], len(text)


def _cut(piece: str, delimiter: str, opening: str, closing: str, escape: str) -> tuple[str, str, str]:
    """Key, delimiter and value; a quoted key may hold the delimiter."""
    stripped = piece.lstrip()
    if opening and stripped.startswith(opening):
        end = _end_of_quote(stripped, closing, escape)
        behind = stripped[end + 1 :]
        if behind.startswith(delimiter):
            return stripped[: end + 1], delimiter, behind[len(delimiter) :]
    return piece.partition(delimiter)


def _end_of_quote(text: str, closing: str, escape: str) -> int:
    position = 1
    while position < len(text) and text[position] != closing:
        position += 2 if escape and text[position] == escape else 1
    return position


def _bare(text: str, opening: str, closing: str, escape: str) -> str:
    """The text without the quotes around it and without escapes."""
    trimmed = text.strip()
    if opening and len(trimmed) >= 2 and trimmed[0] == opening and trimmed[-1] == closing:
        text = trimmed[1:-1]
    return re.sub(re.escape(escape) + "(.)", r"\1", text, flags=re.DOTALL) if escape else text


def _greedy(text: str, delimiter: str, options: dict[str, Any]) -> list[tuple[str, str]]:
    """Values reach up to the next word that a delimiter follows."""
    ends = re.escape(options.get("pair_delimiter") or " ")
    pattern = rf"(?:^|[{ends}])([^{ends}]+?){re.escape(delimiter)}(.*?)(?=[{ends}][^{ends}]+?{re.escape(delimiter)}|$)"
    return [(match[1].strip(), match[2]) for match in re.finditer(pattern, text, re.DOTALL)]
