"""Indicators: what is found, what is not, and that texts and frames agree."""

from __future__ import annotations

import json
import zipfile

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huntlens.analyze import ioc
from huntlens.analyze.ioc import Ioc
from huntlens.errors import DataError

FOUND = {
    "url with brackets": ("(see http://a.example.com/x_(1)).", [("url", "http://a.example.com/x_(1)")]),
    "host of a url": ("https://evil.com:8080/a", [("url", "https://evil.com:8080/a")]),
    "ipv6 url": ("http://[2001:db8::1]/x", [("url", "http://[2001:db8::1]/x")]),
    "defanged": ("hxxps://evil[.]com and 8[.]8[.]8[.]8", [("url", "https://evil.com"), ("ipv4", "8.8.8.8")]),
    "mail": ("bob@contoso.com", [("email", "bob@contoso.com")]),
    "mail is no host": ("x@intranet.corp", [("email", "x@intranet.corp")]),
    "upper case": ("HTTPS://EVIL.COM/A WWW.EVIL.COM", [("url", "https://EVIL.COM/A"), ("dns", "www.evil.com")]),
    "international": (
        "bücher.de почта@пример.рф xn--e1afmkfd.xn--p1ai",
        [("dns", "bücher.de"), ("email", "почта@пример.рф"), ("dns", "xn--e1afmkfd.xn--p1ai")],
    ),
    "among Chinese": ("访问evil.com下载", [("dns", "evil.com")]),
    "no public suffix": ("a.invalidsuffix xn--zzzz.xn--q", []),
    "octet over 255": ("999.1.1.1 256.1.1.1", []),
    "version": ("Version=4.0.0.0 and 1.2.3.4.5", []),
    "file name": ("setup.sh cmd.exe readme.md", []),
    "name space": ("Microsoft.NET System.Net", []),
    "object of a script": ("new ActiveXObject('wscript.shell') adodb.stream", []),
    "internal host": ("dc01.corp.local", [("dns", "dc01.corp.local")]),
    "time is no ipv6": ("12:30:45 std::string", []),
    "ipv6": ("fe80::1%eth0 ::1", [("ipv6", "fe80::1"), ("ipv6", "::1")]),
    "mac": ("AA:BB:CC:DD:EE:0F", [("mac_address", "aa:bb:cc:dd:ee:0f")]),
    "import hash": ("IMPHASH=f34d5f2d4577ed6d9ceec516c1f5a744", []),
    "md5": ("MD5=d41d8cd98f00b204e9800998ecf8427e", [("md5_hash", "d41d8cd98f00b204e9800998ecf8427e")]),
    "spaces in a path": (
        r'"C:\Program Files\My App\a b.exe" -x',
        [("windows_path", r"C:\Program Files\My App\a b.exe")],
    ),
    "unc": (r"copy \\srv01\c$\a.dll x", [("windows_path", r"\\srv01\c$\a.dll")]),
    "key": (
        r"reg add HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Run /v x",
        [("registry_key", r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Run")],
    ),
    "linux path": ("cat /etc/passwd;", [("linux_path", "/etc/passwd")]),
    "cve and technique": ("cve-2021-44228 T1059.001", [("cve", "CVE-2021-44228"), ("attack_id", "T1059.001")]),
    "jndi": ("${jndi:ldap://10.0.0.1:1389/a}", [("url", "ldap://10.0.0.1:1389/a")]),
    "schemes": (
        "wss://a.example.com/x tcp://10.0.0.1:22 ftp://h/",
        [("url", "wss://a.example.com/x"), ("url", "tcp://10.0.0.1:22"), ("url", "ftp://h/")],
    ),
    "hashes side by side": (
        "MD5="
        + "0123456789abcdef" * 2
        + ",SHA1="
        + "012345ab" * 5
        + ",SHA256="
        + "89abcdef" * 8
        + ";"
        + "0a1b2c3d" * 16,
        [
            ("md5_hash", "0123456789abcdef" * 2),
            ("sha1_hash", "012345ab" * 5),
            ("sha256_hash", "89abcdef" * 8),
            ("sha512_hash", "0a1b2c3d" * 16),
        ],
    ),
    "ethereum": ("to 0x" + "52908400098527886E0F" * 2, [("ethereum", "0x" + "52908400098527886E0F" * 2)]),
    "monero": ("4" + "A" + "b2" * 46 + "c", [("monero", "4" + "A" + "b2" * 46 + "c")]),
    "tactic": ("TA0001, T1059; T9999 1T1059", [("attack_id", "TA0001"), ("attack_id", "T1059")]),
    "share of a host": (r"net use \\10.0.0.5\c$", [("windows_path", r"\\10.0.0.5\c$")]),
    "bitcoin": ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", [("bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")]),
    "bitcoin, wrong sum": ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", []),
    "bech32": (
        "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
        [("bitcoin", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq")],
    ),
}


@pytest.mark.parametrize(("text", "expected"), FOUND.values(), ids=FOUND)
def test_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert [tuple(found[:2]) for found in ioc.scan(text)] == expected
    frame = ioc.extract([text])
    assert list(zip(frame["type"], frame["value"], strict=True)) == expected


def test_spans_are_those_of_the_given_text() -> None:
    text = "go to hxxp://evil[.]com/a now, or 8[.]8.8.8"
    assert [text[found.start : found.end] for found in ioc.scan(text)] == ["hxxp://evil[.]com/a", "8[.]8.8.8"]


def test_frame_names_rows_and_columns_and_skips_missing_values() -> None:
    data = pd.DataFrame({"a": ["8.8.8.8", None], "n": [1, 2], "b": ["x", "evil.com evil.com"]}, index=["r1", "r2"])
    found = ioc.extract(data)
    assert found[["row", "column", "value", "start"]].to_numpy().tolist() == [
        ["r1", "a", "8.8.8.8", 0],
        ["r2", "b", "evil.com", 0],
        ["r2", "b", "evil.com", 9],
    ]


def test_addresses_are_told_apart() -> None:
    found = ioc.extract("8.8.8.8 10.0.0.1 203.0.113.9 224.0.0.1 fe80::1 ver 1.2.3.4 100.64.0.1 a.com", types=None)
    assert found["scope"].tolist() == ["public", "private", "documentation", "multicast", "link local", "carrier", ""]
    assert [one.scope for one in ioc.scan("10.0.0.1 a.com")] == ["private", ""]
    assert ioc.extract(["ver 1.2.3.4"], types=["version"])["value"].tolist() == ["1.2.3.4"]


def test_half_characters_and_other_values() -> None:
    found = ioc.extract(pd.Series(["a\ud800 8.8.8.8", 9, ["1.1.1.1"], float("nan"), "", "\n\n"]))
    assert found[["row", "value", "start"]].to_numpy().tolist() == [[0, "8.8.8.8", 3], [2, "1.1.1.1", 2]]


def test_blocks_of_rows_read_as_one() -> None:
    """Rows of several blocks, two columns, some rows alike."""
    rows = 60_000
    texts = [f"a\n10.0.{n // 250 % 250}.{n % 250}\nsame 8.8.8.8" for n in range(rows)]
    found = ioc.extract(pd.DataFrame({"x": texts, "y": ["8[.]8.8.8", None] * (rows // 2)}, index=range(7, rows + 7)))
    assert len(found) == rows * 2 + rows // 2
    assert found["row"].is_monotonic_increasing
    assert found.iloc[-2:].to_numpy().tolist() == [
        [rows + 6, "x", "ipv4", "10.0.239.249", 2, 14, "private"],
        [rows + 6, "x", "ipv4", "8.8.8.8", 20, 27, "public"],
    ]
    assert found["column"].value_counts().to_dict() == {"x": rows * 2, "y": rows // 2}


def test_types_limit_what_is_reported_but_not_what_is_a_whole() -> None:
    text = "http://evil.com/a other.com 8.8.8.8"
    assert [found.value for found in ioc.scan(text, types=["dns"])] == ["other.com"]


def test_own_patterns() -> None:
    found = ioc.extract("ticket INC-123 from 8.8.8.8", patterns={"ticket": r"INC-\d+"})
    assert found["type"].tolist() == ["ticket", "ipv4"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"types": ["nope"]}, "no indicator type 'nope'"),
        ({"columns": ["x"]}, "no column 'x'"),
        ({"patterns": {"p": "("}}, "no regular expression"),
    ],
)
def test_bad_arguments_are_named(arguments: dict, words: str) -> None:
    with pytest.raises(DataError, match=words):
        ioc.extract(pd.DataFrame({"a": ["b"]}), **arguments)


HITS = st.text(alphabet="evil.com@/:\\[]()hxtpHXS0123456789afHKLM CVE-T%\n\u00fc\u0430 ", max_size=80)


@settings(max_examples=20)
@given(st.lists(HITS, min_size=1, max_size=40))
def test_texts_and_frames_agree(texts: list[str]) -> None:
    frame = ioc.extract(texts)
    assert [tuple(row) for row in frame[["row", *Ioc._fields]].itertuples(index=False)] == [
        (row, *found) for row, text in enumerate(texts) for found in ioc.scan(text)
    ]


@given(st.text(max_size=60))
def test_defanged_text_comes_back(text: str) -> None:
    plain = ioc.refang(text)
    assert ioc.refang(ioc.defang(plain)) == plain


@pytest.mark.parametrize("unit", ["A", "a.", "a@", "%41", "C:\\a ", "HKLM\\a ", "1.", "::", "a-", "/etc/"])
def test_long_texts_agree(unit: str) -> None:
    """What single patterns cost is counted in `test_growth`; here nothing between them may take the square either."""
    text = unit * (100_000 // len(unit)) + " 8.8.8.8"
    assert [tuple(row) for row in ioc.extract([text])[list(Ioc._fields)].itertuples(index=False)] == ioc.scan(text)


@pytest.mark.shared
def test_recorded_command_lines(shared) -> None:
    """Counted by hand in the file: addresses of mail, hosts and URLs, and nothing else of the network."""
    data = pd.read_csv(shared / "data/logs/processes_on_host.csv")
    found = ioc.extract(data, "CommandLine", types=["ipv4", "ipv6", "url", "dns", "email", "md5_hash", "sha256_hash"])
    values = found.drop_duplicates(["type", "value"]).groupby("type")["value"].agg(sorted).to_dict()
    people = ("dotanp", "ianhelle", "liengli", "marcook", "romead", "timb")
    assert values == {
        "dns": ["abc.com"],
        "email": [f"{name}@microsoft.com" for name in people],
        "ipv4": ["1.2.3.4"],
        "md5_hash": ["81ed03caf6901e444c72ac67d192fb9c"],
        "url": [
            "http://127.0.0.1/", "http://badguyserver/pwnme", "http://server/file.sct",
            "http://somedomain/best-kitten-names-1.jpg", "http://system.management.automation.amsiutils",
            "https://blah/png",
        ],
    }  # fmt: skip


@pytest.mark.shared
def test_real_messages_agree(shared) -> None:
    path = shared / "data/security-datasets/empire_dcom_shellwindows_stager.zip"
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as lines:
        messages = [json.loads(line).get("Message", "") for line, _ in zip(lines, range(2_000), strict=False)]
    frame = ioc.extract(messages)
    alone = [(row, *found) for row, text in enumerate(messages) for found in ioc.scan(text)]
    assert [tuple(row) for row in frame[["row", "type", "value", "start", "end"]].itertuples(index=False)] == alone
    assert len(alone) > 100
