"""The network a request comes from, as our own proxies report it."""

from contextlib import suppress
from ipaddress import IPv6Address, ip_address, ip_network

HERE = "this machine"
# A provider usually gives one customer a /64. The customer can use any address in it.
# https://www.rfc-editor.org/rfc/rfc6177
IPV6_BITS = 64


def client_network(
    peer: str | None, forwarded_for: str, trusted_proxies: int, told: str = ""
) -> str:
    """The key under which requests are counted: an IPv4 address, or the /64 of an IPv6 address.

    Each proxy adds the address of its client at the end of `X-Forwarded-For`. So only the last
    `trusted_proxies` entries can be trusted. `peer` is the address connected to this server.
    `told` is what CLIENT_ADDRESS_HEADER says, which comes first if it is one address.
    """
    hops = [each.strip() for each in forwarded_for.split(",") if each.strip()]
    address = peer or HERE
    if 0 < trusted_proxies <= len(hops):
        address = hops[-trusted_proxies]
    with suppress(ValueError):
        address = str(ip_address(told.strip()))
    try:
        found = ip_address(_without_port(address).split("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ip_network((int(found), IPV6_BITS), strict=False))
    return str(found)


def _without_port(address: str) -> str:
    """Some proxies write 203.0.113.5:5000 or [2001:db8::1]:5000."""
    if address.startswith("["):
        return address[1:].split("]")[0]
    return address.split(":")[0] if address.count(":") == 1 else address
