"""An operator's address reaches the Internet and nothing of ours."""

import socket
from typing import Any

import pytest

from service.public_addresses import AddressRefused, NameNotFound, check_address

PUBLIC = "93.184.216.34"
PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.7", "172.16.3.4", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1",
    "fd12::3", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::", "2001:db8::1",
    # IPv4 in the old way and in other ways: compatible, translated, local NAT64, Teredo, 6to4.
    "::10.0.0.1", "::93.184.216.34", "::ffff:0:10.0.0.1", "64:ff9b:1::a00:1", "64:ff9b:1::1",
    "64:ff9b:1:ffff::5db8:d822", "2001:0:a00:1::f5ff:fffe", "2002:5db8:d822::1", "192.88.99.1",
    # What a cloud tells its own machines: AWS, Alibaba, Azure, Oracle.
    "fd00:ec2::254", "::ffff:169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192",
    "::ffff:168.63.129.16", "64:ff9b::a83f:8110",
    # Site-local, documentation, and what nobody has been given yet.
    "fec0::1", "3fff::1", "4000::1", "5f00::1",
]  # fmt: skip


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Host names and the addresses they have; look-ups of others fail."""
    known: dict[str, list[str]] = {"example.com": [PUBLIC]}

    def look_up(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        if host not in known:
            raise socket.gaierror(-2, "Name or service not known")
        return [(2, 1, 6, "", (ip, port)) for ip in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


def test_the_address_that_was_checked_is_the_one_connected_to(names: dict[str, list[str]]) -> None:
    found = check_address("https://example.com/a/b?c=d", is_local=False)
    assert found.url == f"https://{PUBLIC}/a/b?c=d"
    assert (found.host, found.host_header) == ("example.com", "example.com")
    assert "/a/b" not in repr(found)
    names["example.com"] = ["2606:2800:21f::1"]
    assert check_address("https://example.com", is_local=False).url == "https://[2606:2800:21f::1]/"


def test_a_name_is_looked_up_once(
    names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    known, asked = socket.getaddrinfo, []

    def rebind(host: str, port: int, **more: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        names[host] = [PUBLIC] if len(asked) == 1 else ["169.254.169.254"]
        return known(host, port, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebind)
    found = check_address("https://example.com/hook", is_local=False)
    assert (asked, found.ip) == (["example.com"], PUBLIC)


def test_a_network_without_ipv4_reaches_public_addresses_through_nat64(
    names: dict[str, list[str]],
) -> None:
    names["example.com"] = ["64:ff9b::5db8:d822"]
    assert check_address("https://example.com", is_local=False).ip == "64:ff9b::5db8:d822"


@pytest.mark.parametrize("host", ["metadata.google.internal", "metadata.goog", "instance-data"])
def test_no_clouds_metadata_are_asked_for_by_name(names: dict[str, list[str]], host: str) -> None:
    names[host] = ["169.254.169.254"]
    for url in (
        f"https://{host}/computeMetadata/v1/",
        f"https://{host}./",
        f"https://{host.upper()}",
    ):
        names[host.upper()] = names[host]
        with pytest.raises(AddressRefused, match="private network"):
            check_address(url, is_local=False)


@pytest.mark.parametrize("port", [0, 22, 80, 444, 5432, 8080, 8443, 65535])
def test_a_port_other_than_that_of_https_is_refused(names: dict[str, list[str]], port: int) -> None:
    for is_local in (False, True):
        with pytest.raises(AddressRefused, match="443"):
            check_address(f"https://example.com:{port}/hook", is_local=is_local)
    found = check_address("https://example.com:443/hook", is_local=False)
    assert found.url == f"https://{PUBLIC}:443/hook"


def test_a_name_with_a_dot_at_its_end_is_the_same_name(names: dict[str, list[str]]) -> None:
    found = check_address("https://example.com./hook", is_local=False)
    assert (found.host, found.host_header) == ("example.com", "example.com")


@pytest.mark.parametrize("ip", PRIVATE)
def test_no_private_address_is_spoken_to(names: dict[str, list[str]], ip: str) -> None:
    names["example.com"] = [PUBLIC, ip]
    for is_local in (False, True):
        with pytest.raises(AddressRefused, match="private network"):
            check_address("https://example.com/hook", is_local=is_local)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "127.0.0.1.",
        "[::ffff:7f00:1]",
        "１２７.0.0.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "localhost",
        "127.1",
    ],
)
def test_other_spellings_of_loopback_are_refused_away_from_a_local_run(host: str) -> None:
    with pytest.raises((AddressRefused, NameNotFound)):
        check_address(f"https://{host}/hook", is_local=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "ftp://example.com/hook",
        "file:///etc/passwd",
        "https://user:pass@example.com/hook",
        "https://user@example.com",
        "https://example.com\\@127.0.0.1/hook",
        "https://.",
        "https://:443/",
        "https://",
        "https://example.com:99999/",
        "https://[::1",
        "example.com/hook",
        "",
        "https://example.com/" + "x" * 3000,
    ],
)
def test_what_is_no_plain_https_address_is_refused(names: dict[str, list[str]], url: str) -> None:
    with pytest.raises(AddressRefused):
        check_address(url, is_local=True)


def test_a_name_with_other_letters_goes_out_as_ascii(names: dict[str, list[str]]) -> None:
    names["xn--bcher-kva.example"] = [PUBLIC]
    assert check_address("https://bücher.example/", is_local=False).host == "xn--bcher-kva.example"


def test_loopback_is_for_local_runs_and_there_needs_no_tls(names: dict[str, list[str]]) -> None:
    names["localhost"] = ["127.0.0.1"]
    assert check_address("http://localhost:9/", is_local=True).url == "http://127.0.0.1:9/"
    with pytest.raises(AddressRefused):
        check_address("http://localhost:9/", is_local=False)
    names["localhost"] = ["127.0.0.1", "10.0.0.1"]
    with pytest.raises(AddressRefused):
        check_address("https://localhost/", is_local=True)


def test_a_name_that_cannot_be_found_is_tried_again_later(names: dict[str, list[str]]) -> None:
    with pytest.raises(NameNotFound):
        check_address("https://nowhere.example/", is_local=False)
