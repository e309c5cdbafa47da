"""Azure: which hosts a cloud has, and who asks. Tokens stay within azure-identity and show nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from huntlens.config import Secret, Settings
from huntlens.errors import ConfigError, ConnectionFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from azure.core.credentials import TokenCredential


@dataclass(frozen=True, slots=True)
class Cloud:
    """The hosts of one Azure cloud, as its documentation lists them."""

    authority: str
    logs: str
    graph: str
    management: str


CLOUDS: Final = {
    "global": Cloud(
        "login.microsoftonline.com", "https://api.loganalytics.azure.com", "https://graph.microsoft.com",
        "https://management.azure.com",
    ),
    "usgov": Cloud(
        "login.microsoftonline.us", "https://api.loganalytics.us", "https://graph.microsoft.us",
        "https://management.usgovcloudapi.net",
    ),
    "china": Cloud(
        "login.chinacloudapi.cn", "https://api.loganalytics.azure.cn", "https://microsoftgraph.chinacloudapi.cn",
        "https://management.chinacloudapi.cn",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks: an application with its secret, or whom `azure.auth` finds; `token` or `credential` instead of both."""

    tenant: str = ""
    client_id: str = ""
    client_secret: Secret | str | None = None
    token: Secret | str | None = None
    credential: Any = None
    cloud: str = ""

    def hosts(self) -> Cloud:
        """The cloud that is meant, of the settings where none is named."""
        return CLOUDS[self.cloud or Settings.load().get("azure.cloud")]

    def tokens(self) -> TokenCredential:
        """What azure clients take as a credential."""
        if self.credential is not None:
            found: TokenCredential = self.credential
            return found
        if self.token is not None:
            return _Given(self.token)
        authority = self.hosts().authority
        if self.client_secret is not None:
            from azure.identity import ClientSecretCredential

            if not (self.tenant and self.client_id):
                raise ConfigError("a client_secret needs the tenant and the client_id of its application")
            return ClientSecretCredential(self.tenant, self.client_id, _plain(self.client_secret), authority=authority)
        return _chain(Settings.load().get("azure.auth"), self, authority)

    def bearer(self, scope: str) -> Callable[[], dict[str, str]]:
        """What gives the headers of a request to a service, with a token that is renewed in time."""
        credential = self.tokens()

        def headers() -> dict[str, str]:
            from azure.core.exceptions import ClientAuthenticationError

            try:
                return {"Authorization": f"Bearer {credential.get_token(scope).token}"}
            except ClientAuthenticationError as error:
                raise ConnectionFailedError(f"Azure did not log you on: {_first_line(error)}; see azure.auth") from None

        return headers


class _Given:
    """A credential that is a token which somebody else got."""

    def __init__(self, token: Secret | str) -> None:
        self._token = token

    def get_token(self, *_scopes: str, **_options: Any) -> Any:
        import time

        from azure.core.credentials import AccessToken

        return AccessToken(_plain(self._token), int(time.time()) + 3_600)


_WAYS: Final = {
    "env": "EnvironmentCredential",
    "cli": "AzureCliCredential",
    "msi": "ManagedIdentityCredential",
    "devicecode": "DeviceCodeCredential",
    "interactive": "InteractiveBrowserCredential",
    "vscode": "VisualStudioCodeCredential",
    "powershell": "AzurePowerShellCredential",
}
_ASK_A_PERSON: Final = frozenset({"devicecode", "interactive"})
_TAKE_A_TENANT: Final = frozenset({"cli", "devicecode", "interactive", "vscode", "powershell"})


def _chain(ways: Sequence[str], login: Login, authority: str) -> TokenCredential:
    from azure import identity

    made = []
    for way in ways:
        if way not in _WAYS:
            raise ConfigError(f"azure.auth names '{way}', which needs a client_id and its secret on the connection")
        given: dict[str, Any] = {"authority": authority} if way in {"env", *_ASK_A_PERSON} else {}
        if login.tenant and way in _TAKE_A_TENANT:
            given["tenant_id"] = login.tenant
        if login.client_id and way in {"msi", *_ASK_A_PERSON}:
            given["client_id"] = login.client_id
        made.append(getattr(identity, _WAYS[way])(**given))
    return identity.ChainedTokenCredential(*made)


def _plain(value: Secret | str) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300]
