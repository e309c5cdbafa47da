"""Texts of known shapes taken apart: URLs, paths, command lines, user agents, XML, CSV, versions."""

from __future__ import annotations

from typing import Final

from huntlens.kql.functions.row import Function, special


def _python(name: str, signature: str, returns: str, doc: str, example: str, value: str, *, of: str = "") -> Function:
    lower = special("python", of or name, returns)
    return Function(
        name, signature, returns, doc, example, value, lower, lower, category="parsing", deprecated=of, hidden=bool(of),
        result_name="@0" if name in ("parse_csv", "parse_xml") else "",
    )  # fmt: skip


_URL: Final = "tostring(parse_url('https://user:pw@host.example:8443/a/b?x=1&y=2#top').Host)"

ROWS: Final = (
    _python("parse_url", "url: string", "dynamic",
            "A bag of the parts of a URL: Scheme, Host, Port, Path, Username, Password, Query Parameters, Fragment.",
            _URL, "host.example"),
    _python("parseurl", "url: string", "dynamic", "A bag of the parts of a URL.", _URL.replace("parse_url", "parseurl"),
            "host.example", of="parse_url"),
    _python("parse_urlquery", "query: string", "dynamic", "A bag of the parameters of a URL query.",
            "parse_urlquery('k1=v1&k2=v2')", '{"Query Parameters":{"k1":"v1","k2":"v2"}}'),
    _python("parseurlquery", "query: string", "dynamic", "A bag of the parameters of a URL query.",
            "parseurlquery('k1=v1')", '{"Query Parameters":{"k1":"v1"}}', of="parse_urlquery"),
    _python("parse_path", "path: string", "dynamic",
            "A bag of the parts of a path: RootPath, DirectoryPath, DirectoryName, Filename, Extension and more.",
            "tostring(parse_path(@'C:\\Windows\\System32\\cmd.exe').Filename)", "cmd.exe"),
    _python("parse_command_line", "command_line: string, parser: string = windows", "dynamic",
            "An array of the arguments of a command line, by the rules of Windows.",
            "parse_command_line('cmd /c \"echo a b\"', 'windows')", '["cmd","/c","echo a b"]'),
    _python("parse_user_agent", "user_agent: string, look_for?: string|dynamic = browser os device", "dynamic",
            "A bag of the families and versions of browser, operating system and device.",
            "tostring(parse_user_agent('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
            "Gecko) Chrome/120.0.6099.71 Safari/537.36', 'browser').Browser.Family)", "Chrome"),
    _python("parse_xml", "xml_text: string", "dynamic",
            "The document as a bag: attributes under @name, text under #text.",
            "parse_xml('<a x=\"1\"><b>2</b><b>3</b></a>')", '{"a":{"@x":"1","b":["2","3"]}}'),
    _python("parse_csv", "csv_text: string", "dynamic", "An array of the fields of a line of comma-separated values.",
            "parse_csv('a,\"b,c\",d')", '["a","b,c","d"]'),
    Function("parse_version", "version: string", "decimal", "A version of up to four parts as a number that compares.",
             "parse_version('1.2.3.4')", "1000000020000000300000004", special("version"), special("version"),
             category="parsing"),
)  # fmt: skip
