"""Entities: what alerts and logs speak of, one file each.

The file's name is the class's name in lower case with underscores; aliases (`Ip`, `Machine`, `User`) name the same
class.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from huntlens._lazy import resolve
from huntlens.registry import member_names

if TYPE_CHECKING:
    from huntlens.entities.account import Account as Account
    from huntlens.entities.alert import Alert as Alert
    from huntlens.entities.base import Attribute as Attribute
    from huntlens.entities.base import Entity as Entity
    from huntlens.entities.dns import Dns as Dns
    from huntlens.entities.file import File as File
    from huntlens.entities.file_hash import FileHash as FileHash
    from huntlens.entities.host import Host as Host
    from huntlens.entities.ip_address import IpAddress as IpAddress
    from huntlens.entities.process import Process as Process
    from huntlens.entities.url import Url as Url

_FRAME = frozenset({"base", "read"})
_WORDS = {"iot": "IoT", "oauth": "OAuth"}
_ALIASES = {
    "Ip": "IpAddress",
    "Machine": "Host",
    "User": "Account",
    "Threatintelligence": "ThreatIntelligence",
    "Entity": "Entity",
    "Attribute": "Attribute",
}
"""Other names; those of the frame of this package stand for themselves."""


@cache
def _targets() -> dict[str, str]:
    modules = [name for name in member_names(__name__) if name not in _FRAME]
    found = {class_name(name): f"{__name__}.{name}:{class_name(name)}" for name in modules}
    frame = {name: f"{__name__}.base:{name}" for name in ("Entity", "Attribute")}
    return found | {alias: found[name] for alias, name in _ALIASES.items() if name in found} | frame


def class_name(module: str) -> str:
    """The class that a file of this package holds.

    >>> class_name("ip_address"), class_name("iot_device")
    ('IpAddress', 'IoTDevice')
    """
    return "".join(_WORDS.get(part, part.title()) for part in module.split("_"))


def names() -> tuple[str, ...]:
    """The names of all entity classes, without importing them; aliases and the base class are left out."""
    return tuple(class_name(name) for name in member_names(__name__) if name not in _FRAME)


def find(name: str) -> type[Entity] | None:
    """The entity class of that name or alias, or None.

    >>> find("Ip").__name__
    'IpAddress'
    """
    target = _targets().get(name)
    found: type[Entity] | None = resolve(target) if target is not None and name != "Attribute" else None
    return found


def __getattr__(name: str) -> Any:
    target = _targets().get(name) if name[:1].isupper() else None
    if target is None:
        message = f"module '{__name__}' has no attribute '{name}'"
        raise AttributeError(message, name=name)
    return resolve(target)


def __dir__() -> list[str]:
    return sorted({*_targets(), "find", "names"})
