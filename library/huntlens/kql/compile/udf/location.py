"""Where an address is, by a GeoIP database in the MaxMind format that the user has."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import maxminddb

from huntlens.config import Settings
from huntlens.config.options import env_name
from huntlens.kql.compile.udf import CannotAnswerError, Udf, to_json

_SETTING: Final = "enrich.geoip.database"


@cache
def _reader(path: str) -> maxminddb.Reader:
    return maxminddb.open_database(path)


def _database() -> maxminddb.Reader:
    path = _configured()
    if not path or not Path(path).is_file():
        raise CannotAnswerError(
            f"geo_info_from_ip_address needs a GeoIP database: name an .mmdb file in the setting {_SETTING}, "
            f"or in the variable {env_name(_SETTING)}"
        )
    return _reader(path)


@cache
def _configured() -> str:
    return str(Settings.load().get(_SETTING) or "")


def _named(part: Any) -> str:
    names = part.get("names", {}) if isinstance(part, dict) else {}
    return str(names.get("en", part.get("iso_code", "") if isinstance(part, dict) else ""))


def location(address: str | None) -> str | None:
    """Country, state, city and place of an address as JSON; None for an address nobody knows."""
    if not address:
        return None
    try:
        found: Any = _database().get(address)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    divisions = found.get("subdivisions") or [{}]
    place = found.get("location", {})
    made = {
        "country": _named(found.get("country", {})) or found.get("country_code", ""), "state": _named(divisions[0]),
        "city": _named(found.get("city", {})), "latitude": place.get("latitude"), "longitude": place.get("longitude"),
    }  # fmt: skip
    return to_json({key: value for key, value in made.items() if value not in (None, "")})


DIRECT: Final = (Udf("kql_location", ("VARCHAR",), "VARCHAR", location),)
