"""Reads the TSX that a draft consists of, and no more of the language than that.

What it does not know it refuses, so that a file that was read holds nothing else: no templates, no
regular expressions, no letters outside of ASCII but in strings, no spread attributes. It is no
compiler: whether the code is right is for the gate to say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

_BLANK = re.compile(r"[ \t\r\n]*")
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*(?::[a-z]+)?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_MARK = re.compile(r"=>|===|!==|&&|\|\||\?\?|\?\.|\.\.\.|[-+*/%<>=!?:;,.|&]")
# What is read in another way than it is written, or where compilers differ.
_NO_WORDS = re.compile(r"[>}&\\`\r\x00-\x08\x0b-\x1f]|[^\S \t\n]")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}
_PAIRS = {"(": ")", "[": "]", "{": "}"}
# Behind one of these a "<" compares or opens types. Behind anything else an element begins.
_ENDS_VALUE = (")", "]")
_DEEPEST = 120


class Unreadable(ValueError):
    """A file that is no TSX of the kind that is written here."""


@dataclass(frozen=True)
class Token:
    """``kind``: name, string, number, mark or comment. The ``text`` of a string is its value."""

    kind: str
    text: str


@dataclass(frozen=True)
class Node:
    """One element of JSX; a fragment's ``tag`` is "". The items of a child in braces are a tuple of
    their own."""

    tag: str
    attributes: "dict[str, Code]" = field(default_factory=dict)
    children: "tuple[Node | Code, ...]" = ()


Item = Token | Node
Code = tuple[Item, ...]


def read_tsx(text: str) -> Code:
    """The file as tokens, in which each element of JSX is one item. Raises Unreadable."""
    reader = _Reader(text)
    found = reader.code("", 0)
    return tuple(found)


def nodes_in(code: "Code | Node") -> Iterator[Node]:
    """Every element, from the top."""
    if isinstance(code, Node):
        yield code
        for value in code.attributes.values():
            yield from nodes_in(value)
        for child in code.children:
            yield from nodes_in(child)
        return
    for item in code:
        if isinstance(item, Node):
            yield from nodes_in(item)


def tokens_in(code: "Code | Node") -> Iterator[Token]:
    """Every token, those in elements included."""
    if isinstance(code, Node):
        for value in code.attributes.values():
            yield from tokens_in(value)
        for child in code.children:
            yield from tokens_in(child)
        return
    for item in code:
        if isinstance(item, Token):
            yield item
        else:
            yield from tokens_in(item)


class _Reader:
    def __init__(self, text: str):
        self.text = text
        self.at = 0

    def code(self, closer: str, depth: int) -> list[Item]:
        """Items up to the bracket that closes what was opened before; "" is the end of the file."""
        found: list[Item] = []
        open_brackets: list[str] = []
        while True:
            self._skip_blank()
            if self.at >= len(self.text):
                if closer or open_brackets:
                    self._refuse("ends too early")
                return found
            here = self.text[self.at]
            if here in ")]}":
                if not open_brackets and here == closer:
                    self.at += 1
                    return found
                if not open_brackets or open_brackets.pop() != here:
                    self._refuse(f'has a "{here}" too many')
                self._take(found, "mark", here)
            elif here in _PAIRS:
                open_brackets.append(_PAIRS[here])
                self._take(found, "mark", here)
            elif here in "\"'":
                found.append(Token("string", self._string(here)))
            elif here == "<" and _expects_value(found):
                found.append(self._element(depth + 1))
            else:
                self._other(found)

    def _other(self, found: list[Item]) -> None:
        if self.text.startswith(("//", "/*"), self.at):
            self._take(found, "comment", self._comment())
            return
        for kind, pattern in (("name", _NAME), ("number", _NUMBER), ("mark", _MARK)):
            if match := pattern.match(self.text, self.at):
                self._take(found, kind, match[0])
                return
        self._refuse(f"has {self.text[self.at]!r} where no code of this kind has it")

    def _comment(self) -> str:
        is_line = self.text[self.at + 1] == "/"
        end = self.text.find("\n" if is_line else "*/", self.at + 2)
        if end < 0:
            self._refuse("ends in a comment")
        return self.text[self.at : end if is_line else end + 2]

    def _take(self, found: list[Item], kind: str, text: str) -> None:
        found.append(Token(kind, text))
        self.at += len(text)

    # --- Elements ---

    def _element(self, depth: int) -> Node:
        if depth > _DEEPEST:
            self._refuse("is nested too deeply")
        self.at += 1
        tag = self._match(_NAME) or ""
        attributes = self._attributes(depth) if tag else {}
        self._skip_blank()
        if tag and self.text.startswith("/>", self.at):
            self.at += 2
            return Node(tag, attributes)
        self._expect(">")
        return Node(tag, attributes, tuple(self._children(tag, depth)))

    def _attributes(self, depth: int) -> dict[str, Code]:
        found: dict[str, Code] = {}
        while True:
            self._skip_blank()
            name = self._match(_ATTRIBUTE)
            if not name:
                return found
            if name in found:
                self._refuse(f"has {name} twice on one element")
            found[name] = self._value(depth)

    def _value(self, depth: int) -> Code:
        self._skip_blank()
        if not self.text.startswith("=", self.at):
            return ()
        self.at += 1
        self._skip_blank()
        here = self.text[self.at : self.at + 1]
        if here == "{":
            self.at += 1
            return tuple(self.code("}", depth))
        if here not in ('"', "'") or not here:
            self._refuse("has an attribute without a value")
        end = self.text.find(here, self.at + 1)
        if end < 0:
            self._refuse("ends in an attribute")
        value = self.text[self.at + 1 : end]
        # Without references ("&quot;"), and nothing that is read in another way in a string.
        if re.search(r"[\\&<>{}\n]", value):
            self._refuse("has an attribute that needs braces")
        self.at = end + 1
        return (Token("string", value),)

    def _children(self, tag: str, depth: int) -> Iterator[Node | Code]:
        while True:
            if words := self._words():
                yield (Token("string", words),)
            if self.text.startswith("</", self.at):
                self.at += 2
                self._skip_blank()
                if (self._match(_NAME) or "") != tag:
                    self._refuse(f"closes another element than {tag}")
                self._skip_blank()
                self._expect(">")
                return
            if self.text.startswith("<", self.at):
                yield self._element(depth + 1)
            else:
                self._expect("{")
                yield tuple(self.code("}", depth))

    def _words(self) -> str:
        """Bare words between tags, as React shows them: the same as that string in braces.

        https://facebook.github.io/jsx/#prod-JSXText
        """
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in "<{":
            self.at += 1
        raw = self.text[start : self.at]
        if _NO_WORDS.search(raw):
            self._refuse("has words that have to stand in braces")
        lines = raw.split("\n")
        last = len(lines) - 1
        shown = []
        for number, line in enumerate(lines):
            line = line.lstrip(" \t") if number else line
            shown.append(line.rstrip(" \t") if number < last else line)
        return " ".join(each for each in shown if each)

    # --- Small parts ---

    def _string(self, quote: str) -> str:
        letters: list[str] = []
        self.at += 1
        while self.at < len(self.text):
            here = self.text[self.at]
            self.at += 1
            if here == quote:
                return "".join(letters)
            if here == "\n":
                break
            letters.append(self._escaped() if here == "\\" else here)
        self._refuse("has a string without an end")

    def _escaped(self) -> str:
        here = self.text[self.at : self.at + 1]
        self.at += 1
        if here == "u":
            digits = self.text[self.at : self.at + 4]
            if not re.fullmatch(r"[0-9a-fA-F]{4}", digits):
                self._refuse("has an escape that is not known here")
            self.at += 4
            return chr(int(digits, 16))
        if here in _ESCAPES:
            return _ESCAPES[here]
        if here and here in "\"'\\/!":
            return here
        self._refuse("has an escape that is not known here")

    def _skip_blank(self) -> None:
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _match(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found[0]

    def _expect(self, text: str) -> None:
        if not self.text.startswith(text, self.at):
            self._refuse(f'misses a "{text}"')
        self.at += len(text)

    def _refuse(self, what: str) -> NoReturn:
        line = self.text.count("\n", 0, self.at) + 1
        raise Unreadable(f"it {what}, in line {line}")


def _expects_value(found: list[Item]) -> bool:
    before = next(
        (each for each in reversed(found) if isinstance(each, Node) or each.kind != "comment"), None
    )
    if before is None or isinstance(before, Node):
        return before is None
    if before.kind == "mark":
        return before.text not in _ENDS_VALUE
    return before.kind == "name" and before.text == "return"
