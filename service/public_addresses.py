"""Checks addresses that others gave us before anything is sent there or fetched from there: an
operator's receiver of alerts, the picture of a frame. None may lead into our own network.

This is our own small code, because the libraries for it wrap their own client around aiohttp or
httpx and use a public DNS service. The rule: https, at its default port, to addresses that the
whole Internet can reach. Every address of a host name is checked. The connection goes to a checked
address, so that a second look-up cannot lead elsewhere (DNS rebinding).

https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

import socket
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

# Public IPv6 addresses are only in this part, and in NAT64's. A NAT64 address contains an IPv4
# address: a network without IPv4 reaches it that way. All others are private, or an old way to
# write IPv4 (::10.0.0.1).
# https://www.iana.org/assignments/ipv6-address-space and https://www.rfc-editor.org/rfc/rfc6052
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_NOT_REACHED = (
    IPv6Network("2001::/32"),  # Teredo and 6to4: both lead to an IPv4 address inside them.
    IPv6Network("2002::/16"),
    IPv6Network("3fff::/20"),  # Documentation (RFC 9637), which older Pythons do not know.
    IPv4Network("192.0.0.0/24"),  # IETF protocols; Oracle's metadata are at 192.0.0.192.
    IPv4Network("192.88.99.0/24"),  # 6to4's relays, given up (RFC 7526).
    IPv4Network("168.63.129.16/32"),  # Azure's own, in each machine; it looks like a public one.
)
_PORT = 443
_MAX_URL = 2000


class AddressRefused(Exception):
    """Nothing is sent to this address. The text says why, without the address."""


class NameNotFound(Exception):
    """The host's name cannot be looked up right now."""


@dataclass(frozen=True)
class Address:
    """A checked address: connect to ``ip``, with ``host`` as the host name."""

    scheme: str
    host: str
    port: int | None
    ip: str
    path: str = field(repr=False)

    @property
    def url(self) -> str:
        ip = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"{self.scheme}://{ip}{f':{self.port}' if self.port else ''}{self.path}"

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port else host


def check_address(url: str, *, is_local: bool) -> Address:
    """Look up the host and check it. ``is_local``: loopback is allowed, even without TLS.

    Raises AddressRefused or NameNotFound. Blocks during the look-up.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise AddressRefused("It is not an address.") from None
    if not host or len(url) > _MAX_URL or parts.scheme not in ("https", "http"):
        raise AddressRefused("It is not a full https address.")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("It holds a user name or a password, which would not be sent.")
    try:
        # The ASCII form that is sent: names may have other letters.
        host = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        raise AddressRefused("Its host is not a name.") from None
    # A name with a dot at the end is the same name. Certificates are for the one without.
    host = host.removesuffix(".")
    if not host:
        raise AddressRefused("Its host is not a name.")
    found = _look_up(host, port or (443 if parts.scheme == "https" else 80))
    are_loopback = is_local and all(each.is_loopback for each in found)
    if parts.scheme != "https" and not are_loopback:
        raise AddressRefused("It is not https.")
    if not are_loopback and not all(is_public(each) for each in found):
        raise AddressRefused("It leads into a private network.")
    if not are_loopback and port not in (None, _PORT):
        raise AddressRefused(
            f"It names a port: https answers at {_PORT}, and nothing else is asked."
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme, host, port, str(found[0]), path)


def is_public(ip: IPv4Address | IPv6Address) -> bool:
    """Whether the whole Internet can reach it. For an IPv6 address that contains an IPv4 one, the
    latter counts."""
    if isinstance(ip, IPv6Address):
        if ip in _NAT64:
            return is_public(IPv4Address(int(ip) & 0xFFFFFFFF))
        if ip.ipv4_mapped is not None:
            return is_public(ip.ipv4_mapped)
        if ip not in _GLOBAL_UNICAST:
            return False
    is_left_out = any(ip in network for network in _NOT_REACHED if network.version == ip.version)
    return ip.is_global and not ip.is_multicast and not is_left_out


def _look_up(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NameNotFound("Its host's name cannot be found.") from None
    # A link-local IPv6 address may contain its interface: "fe80::1%eth0".
    return [ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
