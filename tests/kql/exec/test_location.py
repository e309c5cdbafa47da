"""Where an address is, by a city database of the settings: the documented answers, given the documented places."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

PLACES = {
    "20.53.203.0/24": ("Australia", "New South Wales", "Sydney", -33.8715, 151.2006),
    "2a03:2880:f12c::/48": ("United States", "Florida", "Boca Raton", 26.3594, -80.0771),
}
QUERY = """print geo_info_from_ip_address('20.53.203.50'),
    geo_info_from_ip_address('2a03:2880:f12c:83:face:b00c::25de'), geo_info_from_ip_address('10.0.0.1'),
    geo_info_from_ip_address('no address')"""


def named(name: str) -> dict[str, Any]:
    return {"names": {"en": name}}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Test-City")
    for network, (country, state, city, latitude, longitude) in PLACES.items():
        place = {"latitude": latitude, "longitude": longitude}
        record = {"country": named(country), "subdivisions": [named(state)], "city": named(city), "location": place}
        writer.insert_network(IPSet([network]), record)
    path = tmp_path_factory.mktemp("geo") / "city.mmdb"
    writer.to_db_file(str(path))
    return path


def ask(database: Path | str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "huntlens", "query", QUERY, "--format", "json"]
    environment = {**os.environ, "HUNTLENS_ENRICH_GEOIP_DATABASE": str(database)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_a_city_database_answers(database: Path) -> None:
    done = ask(database)
    assert done.returncode == 0, done.stderr
    names = ("country", "state", "city", "latitude", "longitude")
    found = [dict(zip(names, place, strict=True)) for place in PLACES.values()]
    assert list(json.loads(done.stdout).values()) == [*found, None, None]


def test_without_one_the_call_says_what_it_needs(tmp_path: Path) -> None:
    done = ask(tmp_path / "none.mmdb")
    assert done.returncode == 1
    assert "needs a GeoIP database" in done.stderr
    assert "HUNTLENS_ENRICH_GEOIP_DATABASE" in done.stderr
