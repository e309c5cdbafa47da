"""IP addresses: parsing, comparing, ranges, and addresses within a text.

The frequent IPv4 tests are plain SQL; the rest runs in Python.
"""

from __future__ import annotations

from typing import Final

from huntlens.kql.functions.row import Function, special, unsupported


def _python(
    name: str, signature: str, returns: str, doc: str, example: str, value: str, category: str = "network"
) -> Function:
    lower = special("python", name, returns)
    return Function(name, signature, returns, doc, example, value, lower, lower, category=category)


_TWO: Final = "ip1: string, ip2: string, prefix?: long"

ROWS: Final = (
    Function("parse_ipv4", "ip: string", "long",
             "The number of an IPv4 address, host bits beyond a /prefix cut; else null.",
             "parse_ipv4('127.0.0.1')", "2130706433", special("parse_ipv4"), special("parse_ipv4"), category="network"),
    _python("parse_ipv4_mask", "ip: string, prefix: long", "long", "The number of an IPv4 address cut to a prefix.",
            "parse_ipv4_mask('192.1.168.2', 24)", "3221334016"),
    Function("ipv4_is_private", "ip: string", "bool", "True if the IPv4 address is of a private network (RFC 1918).",
             "ipv4_is_private('10.1.2.3')", "True", special("ipv4_is_private"), special("ipv4_is_private"),
             category="network"),
    Function("ipv4_is_in_range", "ip: string, ip_range: string", "bool",
             "True if the IPv4 address lies in a CIDR range.",
             "ipv4_is_in_range('192.168.1.6', '192.168.1.0/24')", "True", special("ipv4_is_in_range"),
             special("ipv4_is_in_range"), category="network"),
    Function("ipv4_is_in_any_range", "ip: string, ...ranges: string|dynamic", "bool",
             "True if the IPv4 address lies in one of the ranges.",
             "ipv4_is_in_any_range('192.168.1.6', '10.0.0.0/8', '192.168.0.0/16')", "True",
             special("ipv4_is_in_range"), special("ipv4_is_in_range"), category="network"),
    _python("ipv4_compare", _TWO, "long",
            "-1, 0 or 1 as the first IPv4 address is below, equal, above, by the shorter prefix.",
            "ipv4_compare('192.168.1.7/24', '192.168.1.255')", "0"),
    _python("ipv4_is_match", _TWO, "bool", "True if two IPv4 addresses are equal by the shorter prefix.",
            "ipv4_is_match('192.168.1.1', '192.168.1.9', 24)", "True"),
    _python("ipv4_netmask_suffix", "ip: string", "long", "The prefix length of an IPv4 address; 32 without one.",
            "ipv4_netmask_suffix('10.1.2.3/24')", "24"),
    _python("ipv4_range_to_cidr_list", "StartAddress: string, EndAddress: string", "dynamic",
            "The CIDR ranges that cover a range of IPv4 addresses.",
            "ipv4_range_to_cidr_list('1.1.128.0', '1.1.140.255')", '["1.1.128.0/21","1.1.136.0/22","1.1.140.0/24"]'),
    _python("format_ipv4", "ip: string|number, prefix?: long", "string",
            "The text of an IPv4 address, cut to a prefix.",
            "format_ipv4('192.168.1.255', 24)", "192.168.1.0"),
    _python("format_ipv4_mask", "ip: string|number, prefix?: long", "string",
            "The text of an IPv4 address and prefix, in CIDR notation.", "format_ipv4_mask(3232236031, 24)",
            "192.168.1.0/24"),
    _python("parse_ipv6", "ip: string", "string", "The full text of an IPv6 or IPv4 address; else empty.",
            "parse_ipv6('127.0.0.1')", "0000:0000:0000:0000:0000:ffff:7f00:0001"),
    _python("parse_ipv6_mask", "ip: string, prefix: long", "string", "The full text of an address cut to a prefix.",
            "parse_ipv6_mask('fe80::85d:e82c:9446:7994', 120)", "fe80:0000:0000:0000:085d:e82c:9446:7900"),
    _python("ipv6_compare", _TWO, "long",
            "-1, 0 or 1 as the first address is below, equal, above, by the shorter prefix.",
            "ipv6_compare('::ffff:7f00:1', '127.0.0.1')", "0"),
    _python("ipv6_is_match", _TWO, "bool", "True if two addresses are equal by the shorter prefix.",
            "ipv6_is_match('fe80::1', 'fe80::2', 120)", "True"),
    _python("ipv6_is_in_range", "ip: string, ip_range: string", "bool", "True if the address lies in a CIDR range.",
            "ipv6_is_in_range('a5e:f127:8a9d:146d::42', 'a5e:f127:8a9d::/48')", "True"),
    _python("ipv6_is_in_any_range", "ip: string, ...ranges: string|dynamic", "bool",
            "True if the address lies in one of the ranges.",
            "ipv6_is_in_any_range('fe80::1', dynamic(['2001::/16', 'fe80::/10']))", "True"),
    _python("has_ipv4", "source: string, ip: string", "bool", "True if the text holds the IPv4 address as a whole.",
            "has_ipv4('05:04:54 127.0.0.1 GET /favicon.ico 404', '127.0.0.1')", "True"),
    _python("has_any_ipv4", "source: string, ...ips: string|dynamic", "bool",
            "True if the text holds one of the IPv4 addresses as a whole.",
            "has_any_ipv4('from 10.0.0.5:443', '127.0.0.1', '10.0.0.5')", "True"),
    _python("has_ipv4_prefix", "source: string, ip_prefix: string", "bool",
            "True if the text holds an IPv4 address with that beginning.",
            "has_ipv4_prefix('from 192.168.1.9', '192.168.')",
            "True"),
    _python("has_any_ipv4_prefix", "source: string, ...ip_prefixes: string|dynamic", "bool",
            "True if the text holds an IPv4 address with one of the beginnings.",
            "has_any_ipv4_prefix('from 192.168.1.9', dynamic(['10.', '192.168.']))", "True"),
    Function("geo_info_from_ip_address", "ip_address: string", "dynamic",
             "Country, city and place of an address, by the configured GeoIP database.",
             "geo_info_from_ip_address('20.53.203.50')", duckdb=special("geo_info"), spark=unsupported(
                 "the GeoIP database is read on the machine that runs DuckDB"), category="network",
             untested="depends on the configured database"),
)  # fmt: skip
