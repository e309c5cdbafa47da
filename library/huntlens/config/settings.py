"""Settings: read from files and the environment, each value with where it came from.

What comes later wins: defaults, the user's file, the workspace's file, the environment, what is passed.
The user's file is `huntlens.yaml` in the user's configuration folder, or what `HUNTLENS_CONFIG` names; a workspace
has its own `huntlens.yaml`. Settings of MSTICPy are read where it has left them, before all of these.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from huntlens.config.msticpy import MSTICPY_FILE, translate
from huntlens.config.options import OPTIONS, Option, env_name, find
from huntlens.config.secrets import HIDDEN, Secret, secret_from
from huntlens.errors import ConfigError
from huntlens.timespan import parse_length

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

FILE: Final = "huntlens.yaml"


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it came from."""

    key: str
    value: Any
    origin: str

    @property
    def shown(self) -> str:
        """The value as it may be shown."""
        return HIDDEN if isinstance(self.value, Secret) else str(self.value)


class Settings:
    """Values by dotted key.

    >>> settings = Settings.of({"local.threads": 2})
    >>> settings.get("local.threads"), settings.get("limit"), settings.where("limit")
    (2, 100000, 'default')
    """

    def __init__(self, found: Iterable[Setting] = ()) -> None:
        self._found = {setting.key: setting for setting in found}

    @classmethod
    def of(cls, values: Mapping[str, Any], origin: str = "passed") -> Settings:
        """Settings of values that are at hand."""
        return cls([_checked(key, value, origin) for key, value in values.items()])

    @classmethod
    def load(
        cls,
        workspace: Path | str | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        files: Sequence[Path | str] | None = None,
    ) -> Settings:
        """The settings in force; `files` are read in the place of the user's and the workspace's."""
        environ = os.environ if environ is None else environ
        found: list[Setting] = []
        for path in _places(workspace, environ) if files is None else [Path(file) for file in files]:
            found += _of_msticpy(path, environ) if path.name == MSTICPY_FILE else _of_file(path, environ)
        return cls([*found, *_of_environment(found, environ)])

    def get(self, key: str) -> Any:
        """The value of a key: as it was set, else its default."""
        option = _known(key)
        setting = self._found.get(key)
        return option.default if setting is None else setting.value

    def where(self, key: str) -> str:
        """Where the value of a key came from."""
        _known(key)
        setting = self._found.get(key)
        return "default" if setting is None else setting.origin

    def names(self, section: str) -> list[str]:
        """The names below a section: those of all connections for `connections`."""
        start = f"{section}."
        return list(dict.fromkeys(key[len(start) :].split(".")[0] for key in self._found if key.startswith(start)))

    def section(self, prefix: str) -> dict[str, Any]:
        """What is set below a prefix, by the last part of the key."""
        start = f"{prefix}."
        return {key[len(start) :]: setting.value for key, setting in self._found.items() if key.startswith(start)}

    def explain(self) -> list[Setting]:
        """Every setting in force with where it came from, defaults last."""
        keys = [
            *self._found,
            *(option.key for option in OPTIONS if "<" not in option.key and option.key not in self._found),
        ]
        return [self._found.get(key) or Setting(key, self.get(key), "default") for key in keys]

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{item.key}={item.shown}' for item in self._found.values())})"


def _known(key: str) -> Option:
    option = find(key)
    if option is None:
        near = get_close_matches(key, [option.key for option in OPTIONS], 2)
        raise ConfigError(f"there is no setting '{key}'{'; did you mean ' + ' or '.join(near) + '?' if near else ''}")
    return option


# --- where settings lie ----------------------------------------------------------------------------------------


def _places(workspace: Path | str | None, environ: Mapping[str, str]) -> list[Path]:
    named = environ.get("MSTICPYCONFIG")
    home = Path(environ.get("HOME") or Path.home())
    candidates = [Path(named) if named else home / ".msticpy" / MSTICPY_FILE]
    user = environ.get("HUNTLENS_CONFIG")
    candidates.append(Path(user) if user else _user_folder() / FILE)
    if workspace is not None:
        candidates += [Path(workspace) / MSTICPY_FILE, Path(workspace) / FILE]
    if user and not Path(user).is_file():
        raise ConfigError(f"HUNTLENS_CONFIG names {user}, which is no file")
    return [path for path in candidates if path.is_file()]


def _user_folder() -> Path:
    from platformdirs import user_config_path

    return user_config_path("huntlens", appauthor=False)


# --- reading ---------------------------------------------------------------------------------------------------


def _of_file(path: Path, environ: Mapping[str, str]) -> list[Setting]:
    return [_checked(key, value, f"{path}:{line}", environ) for key, value, line in _flat(path, _document(path))]


def _of_msticpy(path: Path, environ: Mapping[str, str]) -> list[Setting]:
    node = _document(path)
    content = yaml.SafeLoader("").construct_document(node) if node is not None else {}
    return [_checked(key, value, str(path), environ) for key, value in translate(content).items()]


def _document(path: Path) -> yaml.Node | None:
    try:
        return yaml.compose(path.read_text("utf-8-sig"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: {error.problem}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error


def _flat(path: Path, node: yaml.Node | None, prefix: str = "") -> list[tuple[str, Any, int]]:
    """Dotted keys with their values and lines; a mapping that is the value of an option stays one."""
    if node is None:
        return []
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(f"{path}:{node.start_mark.line + 1}: settings are a mapping of keys to values")
    found = []
    for key_node, value_node in node.value:
        key = f"{prefix}{key_node.value}"
        if isinstance(value_node, yaml.MappingNode) and find(key) is None:
            found += _flat(path, value_node, f"{key}.")
        else:
            found.append((key, yaml.SafeLoader("").construct_document(value_node), key_node.start_mark.line + 1))
    return found


def _of_environment(found: list[Setting], environ: Mapping[str, str]) -> list[Setting]:
    """Values of variables; those of keys with a name only for names that a file has introduced."""
    keys = [option.key for option in OPTIONS if "<" not in option.key]
    for option in OPTIONS:
        if "<name>" in option.key:
            before, after = option.key.split("<name>")
            names = {item.key[len(before) :].split(".")[0] for item in found if item.key.startswith(before)}
            keys += [f"{before}{name}{after}" for name in sorted(names)]
    return [
        _checked(key, environ[env_name(key)], f"environment variable {env_name(key)}")
        for key in keys
        if env_name(key) in environ
    ]


# --- checking --------------------------------------------------------------------------------------------------


def _checked(key: str, value: Any, origin: str, environ: Mapping[str, str] | None = None) -> Setting:
    try:
        option = _known(key)
    except ConfigError as error:
        raise ConfigError(f"{origin}: {error}") from None
    if option.secret:
        return Setting(key, value if isinstance(value, Secret) else secret_from(value, key, origin, environ), origin)
    try:
        read: Any = _READERS[option.type](value)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{origin}: {key} takes a {option.type}: {error}") from None
    words = read if option.type == "list" else (read,)
    wrong = [word for word in words if option.values and word not in option.values]
    if wrong:
        raise ConfigError(f"{origin}: {key} takes {', '.join(option.values)}; not '{wrong[0]}'")
    return Setting(key, read, origin)


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        raise TypeError("a text was expected")
    return str(value)


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError("a whole number was expected")
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError("a number was expected")
    return float(value)


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if str(value).lower() not in words:
        raise ValueError(f"'{value}' is neither true nor false")
    return words[str(value).lower()]


def _length(value: Any) -> str:
    parse_length(str(value))
    return str(value)


def _path(value: Any) -> str:
    return str(Path(_text(value)).expanduser())


def _words(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(os.pathsep if os.pathsep in value else ",") if part.strip())
    if isinstance(value, list | tuple):
        return tuple(_text(item) for item in value)
    raise TypeError("a list was expected")


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "string": _text,
    "int": _integer,
    "real": _number,
    "bool": _truth,
    "length": _length,
    "path": _path,
    "list": _words,
}
