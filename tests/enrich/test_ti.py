"""Services of threat intelligence, over answers as their documentation and their servers give them."""

from __future__ import annotations

import io
import json
import threading
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import requests
import yaml
from requests.adapters import BaseAdapter

from huntlens.config import Settings
from huntlens.enrich.lookup import COLUMNS, Lookup, known_services, lookup
from huntlens.errors import ConfigError, DataError

CASES = [
    pytest.param(path.stem, case, id=f"{path.stem}-{number}")
    for path in sorted(Path(__file__).parent.glob("ti/*.yaml"))
    for number, case in enumerate(yaml.safe_load(path.read_text()))
]
KEY = "a-secret-key"


def settings(*services: str) -> Settings:
    return Settings.of({f"enrich.ti.{name}.{part}": KEY for name in services for part in ("key", "id")})


class Answers(BaseAdapter):
    """In the place of the network: gives the same answer each time, and keeps what was asked."""

    def __init__(self, answer: Any, status: int = 200) -> None:
        super().__init__()
        self.text = answer if isinstance(answer, str) else json.dumps(answer)
        self.status, self.asked, self.lock = status, [], threading.Lock()

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        with self.lock:
            self.asked.append(request)
        response = requests.Response()
        response.status_code, response.url, response.request = self.status, request.url, request
        response.reason = {401: "Unauthorized", 404: "Not Found"}.get(self.status, "OK")
        response.raw = _Raw(self.text.encode())
        response.encoding = "utf-8"
        return response

    def close(self) -> None: ...


class _Raw(io.BytesIO):
    def read1(self, size: int = -1, **_: Any) -> bytes:
        return self.read(size)


@pytest.mark.parametrize(("service", "case"), CASES)
def test_a_service_is_asked_and_read(service: str, case: dict[str, Any]) -> None:
    network = Answers(case["answer"], case.get("status", 200))
    with Lookup([service], settings=settings(service), transport=network) as asked:
        (row,) = asked.of(case["ask"]).to_dict("records")
    (sent,) = network.asked
    if "sent" in case:
        assert f"{sent.method} {sent.path_url}" == case["sent"]
    if "body" in case:
        body = sent.body if isinstance(sent.body, str) else sent.body.decode()
        assert (json.loads(body) if isinstance(case["body"], dict) else body) == case["body"]
    if "header" in case:
        assert case["header"] in sent.headers
    assert row["status"] == case.get("said", "ok")
    assert row["severity"] == case.get("severity", "unknown")
    if "details" in case:
        assert row["details"] == case["details"]
    if "link" in case:
        assert row["link"] == case["link"]
    assert KEY not in str(row)


def test_every_service_has_answers() -> None:
    assert {case.values[0] for case in CASES} == set(known_services())


@pytest.mark.shared
def test_recorded_answers_of_virustotal(shared: Path) -> None:
    recorded = json.loads((shared / "data/ti/vt3_file_1.json").read_text())
    with Lookup(["virustotal"], settings=settings("virustotal"), transport=Answers({"data": recorded})) as asked:
        (row,) = asked.of(recorded["id"]).to_dict("records")
    assert row["severity"] == "high"
    assert row["details"]["engines"] == "40 of 68"
    assert row["details"]["label"] == "trojan.msil/tasker"


def test_many_values_are_asked_once_and_private_ones_never() -> None:
    network = Answers({"data": {"abuseConfidenceScore": 90, "totalReports": 3}})
    frame = pd.DataFrame({"ip": ["8.8.8.8", "10.0.0.1", None, "8.8.8.8", "no address", "1[.]1.1.1"], "n": range(6)})
    with Lookup(["abuseipdb"], settings=settings("abuseipdb"), transport=network) as asked:
        found = asked.of(frame, "ip")
        again = asked.of(["8.8.8.8"])
    assert list(found.columns) == list(COLUMNS)
    assert found[["row", "indicator", "severity", "status"]].values.tolist() == [
        [0, "8.8.8.8", "high", "ok"],
        [1, "10.0.0.1", "unknown", "not asked: not a public address"],
        [5, "1[.]1.1.1", "high", "ok"],
    ]
    assert again["severity"].tolist() == ["high"]
    assert len(network.asked) == 2


def test_a_list_is_fetched_once() -> None:
    network = Answers("185.220.101.1\n")
    with Lookup(["tor"], transport=network) as asked:
        assert asked.of(["185.220.101.1", "8.8.8.8"])["severity"].tolist() == ["medium", "unknown"]
        asked.of("9.9.9.9")
    assert len(network.asked) == 1


def test_services_by_key_by_alias_and_by_name() -> None:
    some = Settings.of({"enrich.ti.opr.key": KEY, "enrich.ti.otx.key": KEY, "enrich.ti.otx.enabled": False})
    assert set(Lookup(settings=some, transport=Answers({})).services) == {"openpagerank", "tor"}
    assert set(Lookup(["OTX"], settings=some, transport=Answers({})).services) == {"otx"}
    with pytest.raises(ConfigError, match=r"IBM X-Force needs enrich\.ti\.xforce\.id and enrich\.ti\.xforce\.key"):
        Lookup(["xforce"], settings=some)
    with pytest.raises(ConfigError, match="'nope' is not known here"):
        Lookup(["nope"], settings=some)


@pytest.mark.parametrize(
    ("data", "column"), [(pd.DataFrame({"a": ["8.8.8.8"], "b": [1]}), ""), (pd.DataFrame({"a": ["8.8.8.8"]}), "x")]
)
def test_the_column_must_be_known(data: pd.DataFrame, column: str) -> None:
    with pytest.raises(DataError, match="column"):
        lookup(data, column, services=["tor"])


def test_hostile_values_reach_no_path() -> None:
    network = Answers({"data": {"abuseConfidenceScore": 0, "totalReports": 0}})
    values = ["../../admin", "8.8.8.8/../x", "8.8.8.8\r\nX: y", "javascript:alert(1)", "<script>", "a" * 10_000]
    with Lookup(
        ["greynoise", "otx", "virustotal"], settings=settings("greynoise", "otx", "virustotal"), transport=network
    ) as asked:
        assert asked.of(values).empty
        assert asked.of(["../../admin"], kind="ipv4").empty
    assert network.asked == []
