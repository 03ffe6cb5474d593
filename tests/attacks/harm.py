"""What no text of a model may hold when it leaves: for a comment in Figma, a page, or code."""

import html
import re
import tomllib
import unicodedata
from pathlib import Path
from typing import Any

from service.figma.addresses import find_addresses
from service.figma.addressing import MARK, Addressing
from service.figma.clean_text import showable
from service.llm import Prompt

INJECTIONS = Path(__file__).parent / "injections"
BUDDY = Addressing(["@buddy"])
_SIGNS = {
    "a ping": re.compile(r"[@＠﹫](?!\d)\w"),
    "a tag": re.compile(r"</?[a-zA-Z!]"),
    "an entity": re.compile(r"&#?\w+;"),
    "a link of Markdown": re.compile(r"\]\(|^\s*\[[^\]]+\]:", re.M),
    "an address that acts": re.compile(r"javascript:|data:\w+/|https?:|//\w", re.I),
    "the mark of a reply": re.compile(MARK),
    "a reference": re.compile(r"\bref [0-9A-HJKMNP-TV-Z]{10}\b"),
    "a count of uses": re.compile(r"^\W*\d+ of \d+ (?:free )?uses left", re.M),
}


def corpus(surface: str) -> list[dict[str, Any]]:
    """The injections of one file."""
    text = (INJECTIONS / f"{surface}.toml").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["injection"]
    return found


def harms(text: str, never: list[str] | tuple[str, ...] = ()) -> list[str]:
    """What is wrong with a text; nothing, if it may leave."""
    wide = unicodedata.normalize("NFKC", text)
    found = [what for what, sign in _SIGNS.items() if sign.search(text) or sign.search(wide)]
    found += [f"an address: {each.text}" for each in find_addresses(text) if not each.is_vague]
    found += ["a trigger"] * BUDDY.read(text).is_addressed
    found += ["something invisible"] * (showable(text) != text)
    return found + [f"{each!r}" for each in never if each in text]


def faults_of_fences(prompt: Prompt, rules: str, tags: tuple[str, ...], said: str) -> list[str]:
    """What is wrong with where a stranger's words stand in a prompt: they must be inside one of the
    tags, which they cannot close, and never in the rules."""
    system, user = prompt.messages
    faults = []
    if (system["role"], user["role"]) != ("system", "user") or system["content"] != rules:
        faults.append("the rules are others")
    left = user["content"]
    for tag in tags:
        block = re.search(rf"^<{tag}(?: [^<>]*)?>\n.*?\n</{tag}>$", left, re.S | re.M)
        if block:
            left = left.replace(block[0], "", 1)
    if left.strip():
        faults.append(f"outside of all tags: {left.strip()[:80]!r}")
    for tag in tags:
        if len(re.findall(rf"^<{tag}[ >]", user["content"], re.M)) > 1:
            faults.append(f"<{tag}> begins twice")
        if user["content"].count(f"</{tag}>") > 1:
            faults.append(f"</{tag}> ends twice")
    start = " ".join(said.split())[:24]
    seen = " ".join(html.unescape(html.unescape(user["content"])).split())
    if start and start not in seen and html.unescape(start) not in seen:
        faults.append("the words are not there at all, so nothing was tried")
    return faults
