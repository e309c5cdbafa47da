"""Which columns hold what: the first rule whose pattern fits the whole name of a column, in any case, counts."""

from __future__ import annotations

import re
from typing import Final

_ROWS: Final = (
    (
        "ip",
        (
            r"(.*[_.]?)?(ip|ipv4|ipv6|ipaddress|ip_address|address|clientip|sourceip|destinationip|remoteip|"
            r"localip)(address|v4|v6|s|_s)?"
        ),
    ),
    ("ip", r"(source|destination|remote|local|caller|client|src|dst|device|public|nat).*(ip|address)(es)?"),
    ("email", r".*(userprincipalname|upn|email|mail|mailbox|recipient|sender)(address|s)?"),
    ("account", r"(target|subject)?account|user|.*accountname|actor|initiatedby|caller"),
    ("user", r".*(user_?name|displayname|userid|logonuser)|acct|useridentity"),
    ("host", r".*(computer|hostname|host|devicename|workstation(name)?|machine(name)?|dnsname|server(name)?)"),
    ("sid", r".*sid"),
    ("guid", r".*(guid|tenantid|subscriptionid|workspaceid|deviceid|objectid|correlationid|sessionid|_resourceid)"),
    ("id", r".*(resourceid|resource|azureresource.*)"),
    ("url", r".*(url|uri)"),
    ("path", r".*(path|filename|processname|image|process|folder|directory)"),
    (
        "free",
        (
            r".*(command_?line|message|rawevent|script(block)?|activity|description|details|additionalfields|"
            r"extendedproperties|entities|parameters|syslogmessage|eventdata|renderedd.*)"
        ),
    ),
)
RULES: Final = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _ROWS)
