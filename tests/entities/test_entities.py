"""Entities: identity, merge, links, safe texts; out of rows and alerts, however hostile."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huntlens import entities
from huntlens.entities import Account, Dns, Entity, File, FileHash, Host, IpAddress, Process, Url
from huntlens.entities.read import from_alert, from_row, from_rows
from huntlens.errors import DataError

ALL = [entities.find(name) for name in entities.names()]


def test_every_file_holds_its_class() -> None:
    assert len(entities.names()) >= 29
    for name, cls in zip(entities.names(), ALL, strict=True):
        assert cls is not None
        assert cls.__name__ == name
        assert issubclass(cls, Entity)


@pytest.mark.parametrize("cls", ALL, ids=entities.names())
def test_every_class_is_described(cls: type[Entity]) -> None:
    assert (cls.__doc__ or "").strip()
    names = {item.name for item in cls.attributes()}
    assert all(item.doc for item in cls.attributes())
    assert all(item.entity in ("", "Entity", *entities.names()) for item in cls.attributes())
    assert cls.IDENTITY or cls.__name__ == "Entity"
    assert all(hasattr(cls, name) or name in names for group in cls.IDENTITY for name in group)


@pytest.mark.parametrize(
    "cls", [cls for cls in ALL if cls and cls.__name__ != "IpAddress"], ids=lambda cls: cls.__name__
)
def test_every_class_makes_empty_and_filled_entities(cls: type[Entity]) -> None:
    empty = cls()
    assert repr(empty) == f"{cls.__name__}()"
    assert empty.identity == {}
    assert not empty.same_as(empty)
    group = cls.IDENTITY[0]
    filled = cls(**dict.fromkeys(group, "x"))
    assert filled.same_as(cls(**dict.fromkeys(group, "x")))
    assert filled.merge(filled) == filled
    assert pickle.loads(pickle.dumps(filled)) == filled
    assert copy.copy(filled) == filled


def test_aliases_name_the_same_class() -> None:
    assert entities.Ip is IpAddress
    assert entities.Machine is Host
    assert entities.User is Account
    with pytest.raises(AttributeError, match="Nothing"):
        _ = entities.Nothing
    assert entities.find("Nothing") is None


@pytest.mark.parametrize(
    ("entity", "shown", "text"),
    [
        (Host("web01"), "Host(HostName='web01')", "web01"),
        (Host("web01.contoso.com"), "Host(HostName='web01', DnsDomain='contoso.com')", "web01.contoso.com"),
        (Host("CONTOSO\\web01"), "Host(HostName='web01', NTDomain='CONTOSO')", "web01"),
        (Host("10.0.0.1"), "Host(HostName='10.0.0.1')", "10.0.0.1"),
        (
            Host(DeviceName="pc1.contoso.com"),
            "Host(HostName='pc1', DnsDomain='contoso.com', DeviceName='pc1.contoso.com')",
            "pc1.contoso.com",
        ),
        (Account("CONTOSO\\bob"), "Account(Name='bob', NTDomain='CONTOSO')", "CONTOSO\\bob"),
        (Account("bob@contoso.com"), "Account(Name='bob', UPNSuffix='contoso.com')", "bob@contoso.com"),
        (IpAddress(" [2001:DB8::0:1] "), "IpAddress(Address='2001:db8::1')", "2001:db8::1"),
        (File("C:\\a\\b.exe"), "File(FullPath='C:\\\\a\\\\b.exe', Directory='C:\\\\a', Name='b.exe')", "C:\\a\\b.exe"),
        (File("/usr/bin/ls"), "File(FullPath='/usr/bin/ls', Directory='/usr/bin', Name='ls')", "/usr/bin/ls"),
        (File("ls"), "File(Name='ls')", "ls"),
        (
            File(Directory="/usr/bin", Name="ls"),
            "File(FullPath='/usr/bin/ls', Directory='/usr/bin', Name='ls')",
            "/usr/bin/ls",
        ),
        (
            File("D41D8CD98F00B204E9800998ECF8427E"),
            "File(Md5='d41d8cd98f00b204e9800998ecf8427e')",
            "d41d8cd98f00b204e9800998ecf8427e",
        ),
        (FileHash("AB" * 32), f"FileHash(Value='{'ab' * 32}', Algorithm='SHA256')", "ab" * 32),
        (Url("https://Evil.example/a"), "Url(Url='https://Evil.example/a')", "https://Evil.example/a"),
        (Dns("Evil.Example."), "Dns(DomainName='evil.example')", "evil.example"),
        (Process("cmd.exe", ProcessId=4), "Process(ImageFile=File(...), ProcessId='4')", "cmd.exe"),
    ],
    ids=repr,
)
def test_entities_read_what_they_are_given(entity: Entity, shown: str, text: str) -> None:
    if isinstance(entity, Process):
        shown = "Process(ImageFile=File(Name='cmd.exe'), ProcessId='4')"
    assert repr(entity) == shown
    assert str(entity) == text


@pytest.mark.parametrize("text", ["", "999.1.1.1", "x", "1.2.3.4; drop", None])
def test_a_text_that_is_no_address_is_refused(text: object) -> None:
    with pytest.raises(DataError, match="no IP address"):
        IpAddress(text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Account("bob"), Account("BOB"), True),
        (Account("A\\bob"), Account("B\\bob"), False),
        (Account("bob", Sid="S-1-5"), Account("robert", Sid="S-1-5"), True),
        (Account("bob", Sid="S-1-5"), Account("bob", Sid="S-1-6"), False),
        (Host("web01"), Host("web01.contoso.com"), True),
        (Host("web01.a.com"), Host("web01.b.com"), False),
        (Host("web01"), Account("web01"), False),
        (File("C:\\A.exe"), File("c:\\a.EXE"), True),
        (File("a.exe", Sha1="1" * 40), File("b.exe", Sha1="1" * 40), True),
        (IpAddress("::1"), IpAddress("0:0::1"), True),
        (Process("cmd.exe", CommandLine="x"), Process("CMD.EXE", CommandLine="X"), True),
    ],
)
def test_the_strongest_shared_identity_decides(one: Entity, other: Entity, same: bool) -> None:
    assert one.same_as(other) is same
    assert other.same_as(one) is same


def test_merge_fills_in_and_keeps_links() -> None:
    one = Process("cmd.exe", CommandLine="cmd", Host=Host("web01"), Account=Account("bob"))
    other = Process("C:\\cmd.exe", CommandLine="cmd", ProcessId="7", Host=Host("web01.a.com"))
    merged = one.merge(Process("cmd.exe", CommandLine="cmd", ProcessId="7", Host=Host("web01.a.com")))
    assert merged.ProcessId == "7"
    assert merged.Host is not None
    assert merged.Host.fqdn == "web01.a.com"
    assert [name for name, _ in merged.links] == ["ImageFile", "Account", "Host"]
    with pytest.raises(DataError, match="not the same"):
        one.merge(other)


def test_texts_are_short_and_escaped() -> None:
    hostile = Account("<script>alert(1)</script>" + "x" * 500 + "\x1b[31m\n")
    assert len(repr(hostile)) < 150
    assert "\x1b" not in repr(Account("a\x1b[31m"))
    deep = Process("a", CommandLine="1")
    for number in range(5):
        deep = Process("a", CommandLine=str(number), ParentProcess=deep)
    parent = "Process(ImageFile=File(...), CommandLine='3', ParentProcess=Process(...))"
    assert repr(deep) == f"Process(ImageFile=File(Name='a'), CommandLine='4', ParentProcess={parent})"


def test_rows_give_entities() -> None:
    row = {
        "Computer": "web01.contoso.com",
        "TargetUserName": "bob",
        "TargetDomainName": "CONTOSO",
        "IpAddress": "10.0.0.5",
        "SubjectUserName": "-",
        "NewProcessName": "C:\\a.exe",
        "CommandLine": float("nan"),
        "RemoteIP": "bad",
        "Other": 5,
    }
    assert from_row(row) == [
        Host("web01.contoso.com"),
        Account("CONTOSO\\bob"),
        IpAddress("10.0.0.5"),
        Process("C:\\a.exe"),
    ]
    assert from_row({"FileName": "a.exe", "FolderPath": "C:\\x\\a.exe"})[0] == File("C:\\x\\a.exe")
    assert from_row({"FileName": "a.exe", "FolderPath": "C:\\x"})[0] == File("C:\\x\\a.exe")
    assert len(from_rows([row, row])) == 4


def test_alerts_give_linked_entities() -> None:
    alert = {
        "Entities": json.dumps(
            [
                {"$id": "1", "HostName": "web01", "DnsDomain": "a.com", "Type": "host"},
                {
                    "$id": "2",
                    "Directory": "C:\\x",
                    "Name": "a.exe",
                    "Type": "file",
                    "FileHashes": [{"$id": "3", "Algorithm": "SHA1", "Value": "F" * 40, "Type": "filehash"}],
                },
                {
                    "$id": "4",
                    "ProcessId": "0x10",
                    "CommandLine": "a.exe -x",
                    "ImageFile": {"$ref": "2"},
                    "Host": {"$ref": "1"},
                    "Type": "process",
                },
                {"$id": "5", "Type": "azure-resource", "ResourceId": "/subscriptions/1"},
                {"$id": "6", "Type": "registry-key", "Hive": "HKLM", "Key": "SOFTWARE"},
                {"$id": "7", "Type": "martian", "Colour": "green"},
                {"$id": "8", "Type": "ip", "Address": "nonsense"},
                {"$ref": "1"},
                5,
                None,
            ]
        )
    }
    found = from_alert(alert)
    assert [type(entity).__name__ for entity in found] == [
        "Host",
        "File",
        "Process",
        "AzureResource",
        "RegistryKey",
        "UnknownEntity",
    ]
    host, file, process = found[:3]
    assert isinstance(file, File)
    assert isinstance(process, Process)
    assert file.Sha1 == "f" * 40
    assert process.Host == host
    assert process.ProcessName == "a.exe"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["$id", "$ref", "Type", "Name", "Host", "Address", "ImageFile", "HostName", "Url"]),
            inner | st.sampled_from(["1", "host", "process", "file", "account", "ip", "dns", "url"]),
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_alert_is_read(value: object) -> None:
    for entity in from_alert(json.dumps([value, {"$id": "1", "Type": "process", "ParentProcess": {"$ref": "1"}}])):
        assert repr(entity)
        assert hash(entity) is not None


@given(st.text())
def test_any_text_is_an_alert_without_entities(text: str) -> None:
    assert isinstance(from_alert(text), list)


def test_an_alert_that_refers_to_itself_ends() -> None:
    (found,) = from_alert('[{"$id": "1", "Type": "process", "CommandLine": "x", "ParentProcess": {"$ref": "1"}}]')
    assert repr(found)


def test_of_takes_values_mappings_and_entities() -> None:
    host = Host("web01")
    assert Host.of(host) is host
    assert Host.of("web01") == host
    assert Host.of({"HostName": "web01", "Unknown": 1}) == host
    assert Host("a", TimeGenerated=datetime(2026, 1, 1)).to_dict() == {
        "HostName": "a",
        "TimeGenerated": datetime(2026, 1, 1),
    }


def test_entities_are_light() -> None:
    code = (
        "import sys; from huntlens import entities; from huntlens.entities.read import from_row;"
        "[entities.find(n) for n in entities.names()]; from_row({'Computer': 'a'});"
        "print([m for m in ('pandas','numpy','duckdb','sqlglot','yaml','pyarrow') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
