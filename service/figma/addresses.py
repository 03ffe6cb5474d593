"""Web and mail addresses in a text: find them, and compare two spellings.

The ending of a dotted word decides whether it is an address: "evil.example.com" is one, "icon.svg",
"Button.primary", "v2.0" and "e.g." are not.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from service.figma.clean_text import SPACELESS

Kind = Literal["link", "mail", "name"]

_TOP_LEVEL_DOMAINS = Path(__file__).with_name("top_level_domains.txt")
# A name with any other real ending may also be a design word, a file name or two sentences without
# a space: "Toast.info", "README.md", "color.red", "good.It".
_PLAIN_ENDINGS = frozenset(re.findall(r"\w+", "com net org edu gov mil int biz app dev xyz"))
_VAGUE_COUNTRIES = frozenset(
    re.findall(
        r"\w+",
        "ai am as at be bg br by cx cy do hr id in is it li md me ml mr ms mt mx my no pe pl pm pr"
        " ps pt py rs sh sm so st tc td th to tr us vi",
    )
)
# No registry sells these endings, but some of them lead somewhere, or stand for a real address:
# https://www.iana.org/assignments/special-use-domain-names/
_SPECIAL_ENDINGS = frozenset(
    {"example", "internal", "invalid", "local", "localhost", "onion", "test"}
)
_LETTER = rf"[^\W{SPACELESS}]"
_LABEL = rf"(?:(?:{_LETTER}|-)+|(?<![{SPACELESS}])[{SPACELESS}]+)"
_DOT = r"[.．｡]"
# An address ends at a space, a quotation mark, a bracket that it did not open, or a Chinese or
# Japanese comma or full stop.
_END = r"\s<>\"`|“”„«»（）「」『』【】，。、；！()\[\]{}"
_REST = rf"(?:[^{_END}]|\([^{_END}]*\)|\[[^{_END}]*\])*+"
_SCHEME = "[a-z0-9_+.-]"
_LINK = re.compile(
    rf"""
    (?<!{_SCHEME}){_SCHEME}++[:：][/／]{{2}} {_REST}
    | (?<!{_LETTER})(?:
        (?:https?|ftp|mailto|javascript|vbscript)[:：](?=[^\s]) {_REST}
        | (?:tel|sms)[:：](?=[+\d]) {_REST}
        | data[:：](?=[^\s,]{{1,80}},) {_REST}
        | www\d?{_DOT}(?=\w) {_REST}
        | localhost(?=[:/]) {_REST}
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_OTHER = re.compile(
    rf"""
    (?<!{_LETTER})(?:
        (?P<mail> (?<![.+%-])(?:{_LETTER}|[.+%-])++(?<=\w)[@＠﹫]\w (?:[\w.．-]*\w)? )
        | (?P<name>
            (?<![.．-]) (?:{_LABEL}{_DOT})+{_LABEL} (?: [:：]\d+ )?+ (?: [/／?#\\]{_REST} )?
        )
        | (?P<six> (?<![:.]) \[?[0-9a-f]*:[0-9a-f:]*:[0-9a-f.]*+\]?(?![\w:]) )
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# _RUN: a text between two spaces that may be or contain an address. _NUMERIC: such a text without
# letters and without an IP address; it is skipped.
_RUN = re.compile(r"(?<!\S)[^\s.:@．：＠﹫｡]*+[.:@．：＠﹫｡]\S+")
_NUMERIC = re.compile(r"(?!.*(?:\d[.．]\d+[.．]\d+[.．]\d|::))[\W\d_]*+\Z", re.DOTALL)
# The size in the name of a scaled image: "icon@2x.png".
SCALE = r"\d+(?:\.\d+)?x(?!\w)"
_SCALED = re.compile(rf"[\w.+%-]+[@＠﹫]{SCALE}", re.IGNORECASE)
_TRAIL = ".,;:!?'’*_~…-"


@dataclass(frozen=True)
class Address:
    """An address and its position. A *name* is a bare host and what follows it. ``is_vague``: it
    may be something else."""

    start: int
    end: int
    text: str
    kind: Kind
    is_vague: bool = False


def find_addresses(text: str) -> Iterator[Address]:
    """Every address, in order, without the punctuation of the sentence around it."""
    for run in _RUN.finditer(text):
        if _NUMERIC.match(run[0]):
            continue
        at, end = run.span()
        # Links first: text that only looks like another address must not hide the start of a link.
        for link in _LINK.finditer(text, at, end):
            yield from _find_others(text, at, link.start())
            found = link[0].rstrip(_TRAIL) or link[0]
            at = link.start() + len(found)
            yield Address(link.start(), at, found, "link")
        yield from _find_others(text, at, end)


def _find_others(text: str, at: int, end: int) -> Iterator[Address]:
    for match in _OTHER.finditer(text, at, end):
        found = match[0].rstrip(_TRAIL) or match[0]
        place = match.start(), match.start() + len(found), found
        if match.lastgroup == "name":
            ending = _ending(found)
            if ending is not None:
                yield Address(*place, "name", is_vague=not _is_plain(ending))
        elif match.lastgroup == "mail":
            if not _SCALED.match(found):
                yield Address(*place, "mail")
        elif _is_six(found):
            yield Address(*place, "link")


def addresses_in(texts: Iterable[str]) -> frozenset[str]:
    """The addresses that people or settings gave in these texts."""
    return frozenset(found.text for text in texts for found in find_addresses(text))


def address_keys(addresses: Iterable[str]) -> frozenset[str]:
    """The ``address_key`` of each address and of its host alone.

    Of addresses with an "@", only mail addresses count: any other could mention somebody.
    """
    keys = {address_key(each) for each in addresses}
    safe = {key for key in keys if not re.search("@|%40", key) or _is_mail(key)}
    return frozenset(safe | {re.split(r"[/?#]", key)[0] for key in safe}) - {""}


@lru_cache(maxsize=2_000)
def address_key(address: str) -> str:
    """The same key for all spellings of one address: with or without http(s), a trailing slash, or
    capitals in the host."""
    plain = unicodedata.normalize("NFKC", address).strip().rstrip(_TRAIL)
    plain = re.sub(r"^(?:https?://|mailto:)", "", plain, flags=re.IGNORECASE)
    host = re.match(r"[^/?#]*", plain)
    length = host.end() if host else 0
    return plain[:length].lower() + plain[length:].rstrip("/")


def _is_mail(key: str) -> bool:
    return re.fullmatch(r"[\w.+%-]+@[\w.-]+", key) is not None


def _ending(name: str) -> str | None:
    """The top-level domain of a name, "" for a numeric address, None if it is no address."""
    host = re.split(r"[:：/／?#\\]", unicodedata.normalize("NFKC", name), maxsplit=1)[0].lower()
    labels = re.split(r"[.。]", host)
    if all(label.isdecimal() for label in labels):
        is_four = len(labels) == 4 and all(len(each) < 4 and int(each) < 256 for each in labels)
        return "" if is_four else None
    return labels[-1] if labels[-1] in _endings() else None


def _is_plain(ending: str) -> bool:
    if ending in _PLAIN_ENDINGS or not ending.isascii() or ending.startswith("xn--"):
        return True
    return len(ending) <= 2 and ending not in _VAGUE_COUNTRIES


def _is_six(text: str) -> bool:
    plain = text.strip("[]")
    if len(plain) < 3 or not any(map(str.isdecimal, plain)):
        return False
    try:
        return ip_address(plain).version == 6
    except ValueError:
        return False


@cache
def _endings() -> frozenset[str]:
    """Every top-level domain. Those of other scripts are in both spellings."""
    lines = _TOP_LEVEL_DOMAINS.read_text("ascii").splitlines()
    names = [line for line in lines if not line.startswith("#")]
    coded = (name.removeprefix("xn--") for name in names if name.startswith("xn--"))
    return _SPECIAL_ENDINGS.union(names, (each.encode().decode("punycode") for each in coded))
