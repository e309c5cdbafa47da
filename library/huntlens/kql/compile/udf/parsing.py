"""Texts of known shapes taken apart; what comes from logs is hostile, so everything has a limit."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LONGEST: Final = 1_000_000


def parse_url(url: str) -> dict[str, Any] | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    return {
        "Scheme": parts.scheme, "Host": parts.hostname or "", "Port": "" if port is None else str(port),
        "Path": parts.path, "Username": parts.username or "", "Password": parts.password or "",
        "Query Parameters": _query(parts.query), "Fragment": parts.fragment,
    }  # fmt: skip


def _query(text: str) -> dict[str, str]:
    made: dict[str, str] = {}
    for pair in text.lstrip("?").split("&"):
        name, _, value = pair.partition("=")
        if name:
            made.setdefault(unquote(name), unquote(value))
    return made


def parse_urlquery(text: str) -> dict[str, Any]:
    return {"Query Parameters": _query(text)}


_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


def parse_path(path: str) -> dict[str, str]:
    match = _SCHEME.match(path)
    scheme, rest = (match[1], path[match.end() :]) if match else ("", path)
    stream = ""
    if not scheme:
        base = rest[2:] if re.match(r"[A-Za-z]:", rest) else rest
        if ":" in base:
            stream = base.rpartition(":")[2]
            rest = rest[: len(rest) - len(stream) - 1]
    separator = "\\" if "\\" in rest else "/"
    directory, _, filename = rest.rpartition(separator)
    root = directory.split(separator)[0] if directory else ""
    if not scheme and not re.match(r"[A-Za-z]:", root):
        root = ""
    return {
        "Scheme": scheme, "RootPath": root, "DirectoryPath": directory,
        "DirectoryName": directory.rpartition(separator)[2], "Filename": filename,
        "Extension": filename.rpartition(".")[2] if "." in filename else "", "AlternateDataStreamName": stream,
    }  # fmt: skip


def parse_command_line(text: str, parser: str = "windows") -> list[str] | None:
    """By the rules of CommandLineToArgvW: `2n` backslashes and a quote are n and a switch, `2n+1` are n and a quote."""
    if parser.lower() != "windows" or len(text) > _LONGEST:
        return None
    arguments: list[str] = []
    here: list[str] = []
    quoted = started = False
    place = 0
    while place < len(text):
        character = text[place]
        if character == "\\":
            end = place
            while end < len(text) and text[end] == "\\":
                end += 1
            count = end - place
            if end < len(text) and text[end] == '"':
                here.append("\\" * (count // 2))
                if count % 2:
                    here.append('"')
                    end += 1
            else:
                here.append("\\" * count)
            started, place = True, end
            continue
        if character == '"':
            started = True
            if quoted and text[place + 1 : place + 2] == '"':
                here.append('"')
                place += 1
            quoted = not quoted
        elif character in " \t" and not quoted:
            if started:
                arguments.append("".join(here))
            here, started = [], False
        else:
            here.append(character)
            started = True
        place += 1
    if started:
        arguments.append("".join(here))
    return arguments


_BROWSERS: Final = (
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)(?:\.(\d+))?(?:\.(\d+))?"), ("Opera",
    r"(?:OPR|Opera)/(\d+)(?:\.(\d+))?(?:\.(\d+))?"),
    ("Samsung Internet", r"SamsungBrowser/(\d+)(?:\.(\d+))?(?:\.(\d+))?"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)(?:\.(\d+))?(?:\.(\d+))?"),
    ("Chrome Mobile", r"Chrome/(\d+)(?:\.(\d+))?(?:\.(\d+))?.* Mobile"),
    ("Chrome", r"(?:Chrome|CriOS)/(\d+)(?:\.(\d+))?(?:\.(\d+))?"),
    ("IE", r"MSIE (\d+)(?:\.(\d+))?(?:\.(\d+))?"), ("IE", r"Trident/.*rv:(\d+)(?:\.(\d+))?(?:\.(\d+))?"),
    ("Mobile Safari", r"Version/(\d+)(?:\.(\d+))?(?:\.(\d+))?.* Mobile/.*Safari"),
    ("Safari", r"Version/(\d+)(?:\.(\d+))?(?:\.(\d+))?.* Safari"), ("curl", r"curl/(\d+)(?:\.(\d+))?(?:\.(\d+))?"),
    ("Python Requests", r"python-requests/(\d+)(?:\.(\d+))?(?:\.(\d+))?"),
    ("WindowsPowerShell", r"WindowsPowerShell/(\d+)(?:\.(\d+))?(?:\.(\d+))?"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("Windows", r"Windows NT (\d+)(?:\.(\d+))?(?:\.(\d+))?"), ("Android", r"Android (\d+)(?:\.(\d+))?(?:\.(\d+))?"),
    ("iOS", r"(?:iPhone )?OS (\d+)[_.](\d+)(?:[_.](\d+))? like Mac"), ("Mac OS X",
    r"Mac OS X (\d+)[_.](\d+)(?:[_.](\d+))?"),
    ("Chrome OS", r"CrOS \S+ (\d+)(?:\.(\d+))?(?:\.(\d+))?"), ("Ubuntu", r"Ubuntu()()()"), ("Linux", r"Linux()()()"),
)  # fmt: skip
_DEVICES: Final = (
    ("iPhone", "Apple"),
    ("iPad", "Apple"),
    ("Macintosh", "Apple"),
    ("Pixel", "Google"),
    ("SM-", "Samsung"),
)
_WINDOWS: Final = {"6.1": "7", "6.2": "8", "6.3": "8.1", "10.0": "10", "6.0": "Vista", "5.1": "XP"}


def _family(text: str, rules: tuple[tuple[str, str], ...]) -> dict[str, str]:
    for family, rule in rules:
        match = re.search(rule, text)
        if match:
            major, minor, patch = (group or "" for group in match.groups())
            if family == "Windows":
                major, minor = _WINDOWS.get(f"{major}.{minor}", major), ""
            return {"Family": family, "MajorVersion": major, "MinorVersion": minor, "Patch": patch}
    return {"Family": "Other", "MajorVersion": "", "MinorVersion": "", "Patch": ""}


def parse_user_agent(text: str, look_for: str | list[str] | None = None) -> dict[str, Any]:
    wanted = [look_for] if isinstance(look_for, str) else look_for or ["browser", "os", "device"]
    text = text[:2000]
    made: dict[str, Any] = {}
    if "browser" in wanted:
        made["Browser"] = _family(text, _BROWSERS)
    if "os" in wanted:
        found = _family(text, _SYSTEMS)
        found["PatchMinor"] = ""
        made["OperatingSystem"] = found
    if "device" in wanted:
        name, brand = next(((word, brand) for word, brand in _DEVICES if word in text), ("Other", ""))
        family = "Mac" if name == "Macintosh" else name
        made["Device"] = {"Family": family, "Brand": brand, "Model": family if brand else ""}
    return made


def parse_xml(text: str) -> dict[str, Any] | None:
    """A document as nested bags; one that declares entities is refused, since they may expand without end."""
    if len(text) > _LONGEST:
        return None
    parser = expat.ParserCreate()
    stack: list[tuple[str, dict[str, Any], list[str]]] = [("", {}, [])]

    def refuse(*_: object) -> None:
        raise ValueError("entities are not read")

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > 100:
            raise ValueError("too deep")
        stack.append((name, {f"@{key}": value for key, value in attributes.items()}, []))

    def end(name: str) -> None:
        _, bag, texts = stack.pop()
        content = "".join(texts).strip()
        value: Any = bag
        if content and bag:
            bag["#text"] = content
        elif not bag:
            value = content or None
        siblings = stack[-1][1]
        if name not in siblings:
            siblings[name] = value
        elif isinstance(siblings[name], list):
            siblings[name].append(value)
        else:
            siblings[name] = [siblings[name], value]

    def text_in(data: str) -> None:
        stack[-1][2].append(data)

    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text_in
    whole = True
    try:
        parser.Parse(text.encode(), whole)
    except expat.ExpatError:
        return None
    return stack[0][1]


def parse_csv(text: str) -> list[str] | None:
    if len(text) > _LONGEST:
        return None
    return next(csv.reader([text]), None)


def parse_version(text: str) -> str | None:
    parts = text.split(".")
    if len(parts) > 4 or not all(part.isdigit() and len(part) <= 8 for part in parts):
        return None
    filled = [*parts, "0", "0", "0"][:4]
    return str(int("".join(part.rjust(8, "0") for part in filled)))


PACKED: Final[Mapping[str, tuple[str, Callable[..., object]]]] = {
    "parse_url": ("dynamic", parse_url),
    "parse_urlquery": ("dynamic", parse_urlquery),
    "parse_path": ("dynamic", parse_path),
    "parse_command_line": ("dynamic", parse_command_line),
    "parse_user_agent": ("dynamic", parse_user_agent),
    "parse_xml": ("dynamic", parse_xml),
    "parse_csv": ("dynamic", parse_csv),
    "parse_version": ("string", parse_version),
}
