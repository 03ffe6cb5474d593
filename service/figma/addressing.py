"""Whom a comment addresses: triggers, mentions of the bot, commands, and the buddy's own mark."""

import re
import unicodedata
from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Literal, get_args

from service.figma.addresses import find_addresses
from service.figma.clean_text import SPACELESS

Command = Literal["help", "usage", "stop", "resume", "build", "good", "bad"]
Span = tuple[int, int]

_COMMANDS: dict[str, Command] = {name: name for name in get_args(Command)}
# Every reply of every buddy begins with this mark, then its name.
MARK = "✦"
# The characters of a reply's reference: Crockford's base 32
# (https://www.crockford.com/base32.html).
REFERENCE_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERENCE_CHARS = 10
# Older replies hid this character in triggers. Such replies are still in their threads.
JOINER = "\u2060"
_REPLY_ENDING = re.compile(rf"(?:^|[\s·])ref [{REFERENCE_DIGITS}]{{{REFERENCE_CHARS}}}$")
_AT = "[@＠﹫]"
# Pairs of characters around a trigger, which are useless without it.
_PAIRS = frozenset({"()", "[]", "“”", "‘’", "«»", '""', "''", "**"})
# What separates a trigger from the question. The colons of ":wave:", ":hover", "::before", ":)" and
# ";-)" are no separators.
_SET_OFF = re.compile(
    r"^[ \t]*(?![:;]['’-]?[()\[\]{}|/\\*<>DPpOoXx3](?!\w))"
    r"(?:[,;]|:(?=\s|$)|(?<![ \t]):(?!:|[\w+-]+:)|[-–—](?=\s))?[ \t]*"
)
_GENTLE_TURNS = 4
# "build", "build this frame", "build PayButton", "build “Pay button”". What else follows is no
# name, which the reply says: nobody pays for a question that they have not asked.
_BUILD_FIRST = re.compile(r"build(?![\w'’-])", re.IGNORECASE)
_BUILD = re.compile(
    r"""
    build (?: [ \t]+ (?:
        (?: it | (?:this|that|the) (?: [ ] (?:frame|component|layer|design|card|screen|one) )? )
        | ["“”'‘’«»] (?P<quoted> [^"“”'‘’«»\n]{1,60} ) ["“”'‘’«»]
        | (?P<word> [^\W\d_] [\w-]{0,59} )
    ) )? [.!…\s]*
    """,
    re.VERBOSE | re.IGNORECASE,
)
# "bad", "bad: too vague", "good, thanks". What has a question mark asks: "bad contrast here?".
_THUMB = re.compile(
    r"(?P<word> good | bad ) (?: \s* [,.;:!–—-] .* | (?<=bad) \s .* )?",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_ASKING = frozenset("?？؟⁇⁈⁉")


@dataclass(frozen=True)
class Mention:
    """Somebody picked from Figma's list of people: one certain person, whatever their name."""

    person_id: str
    handle: str

    def __str__(self) -> str:
        return f"@{self.handle}"


@dataclass(frozen=True)
class Addressed:
    """The result of reading a comment. ``question`` is its text without the triggers."""

    is_addressed: bool
    question: str
    command: Command | None


class Addressing:
    """Reads comments for a set of trigger words and, if given, mentions of the bot.

    A trigger counts only as a separate word, in any case and width, anywhere in the typed text. It
    does not count inside a longer word, an address ("a@buddy.com", "x.com/?to=@buddy") or a
    possessive: "@buddy's idea" speaks about the buddy, not to it. In scripts without spaces, a
    trigger needs none around it: "请@buddy看看". A mention also ends a word. It is never part of a
    trigger, because people may have the buddy's name. A text in the form of a reply addresses
    nobody.
    """

    def __init__(self, triggers: Iterable[str]):
        self.triggers = tuple(filter(None, map(_normalise_trigger, triggers)))
        folded = {_fold(trigger)[0] for trigger in self.triggers}
        self._pattern = _compile(folded)
        # Searched first, because most texts contain none of them.
        self._first_words = tuple({word.split()[0] for word in folded})

    def read(self, comment: str | Iterable[str | Mention], bot_user_id: str = "") -> Addressed:
        """Read one comment: its text, or its texts and the mentions between them.

        Mentions of ``bot_user_id`` address the buddy and are removed like triggers. Mentions of
        others stay in the question as "@handle".
        """
        parts = (comment,) if isinstance(comment, str) else tuple(comment)
        pieces = [""]
        is_reply = has_reply_form("".join(map(str, parts)))
        for part in parts:
            if isinstance(part, str):
                text = _normalise(part)
                first, *others = [text] if is_reply else _split(text, self._find(text))
                pieces[-1] += first
                pieces += others
            elif part.person_id == bot_user_id and not is_reply:
                pieces.append("")
            else:
                pieces[-1] += _normalise(str(part))
        if len(pieces) == 1:
            return Addressed(False, pieces[0].strip(), None)
        question = _join(pieces)
        return Addressed(True, question, _read_command(question))

    def defuse(self, text: str) -> str:
        """Change ``text`` visibly, and as little as possible, until it contains no trigger.

        ``_find`` decides what a trigger is, as in ``read``.
        """
        text = _normalise(text)
        turns = 0
        while spans := self._find(text):
            # Small changes can form new triggers with the text around, for ever. Dropping the whole
            # trigger makes the text shorter each time.
            change = _break if turns < _GENTLE_TURNS else _drop
            pieces = _split(text, spans)
            found = [change(text[start:end]) for start, end in spans]
            text = _normalise(
                pieces[0] + "".join(map("".join, zip(found, pieces[1:], strict=True)))
            )
            turns += 1
        return text

    def _find(self, text: str) -> list[Span]:
        """The positions of the triggers in a normalised text, from left to right."""
        folded, places = _fold(text)
        if not any(word in folded for word in self._first_words):
            return []
        spans = [match.span() for match in self._pattern.finditer(folded)]
        if places:
            spans = list(_apart((places[start], places[end - 1] + 1) for start, end in spans))
        return _outside_addresses(text, spans)


def reply_marker(name: str) -> str:
    """The beginning of every reply of the buddy: "✦ Buddy"."""
    return f"{MARK} {' '.join(name.split())}"


def is_marked(text: str, marker: str) -> bool:
    """Whether a comment is one of the buddy's own replies, recognised by its beginning."""
    plain = _normalise(text).replace(JOINER, "").lstrip()
    return plain.startswith(_normalise(marker).replace(JOINER, "").strip())


def has_reply_form(text: str) -> bool:
    """Whether the text begins and ends like a reply of this or another buddy, whatever its name."""
    if not text.lstrip().startswith(MARK):
        return False
    lines = text.replace(JOINER, "").strip().splitlines()
    return len(lines) > 1 and _REPLY_ENDING.search(lines[-1].rstrip()) is not None


def _normalise(text: str) -> str:
    return unicodedata.normalize("NFC", text)


class _Folds(dict[int, str]):
    """Lower-case, normal-width forms of letters, digits and "@", computed at first use."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        is_folded = letter.isalnum() or letter in "＠﹫"
        folded = _fold_word(letter) if is_folded else letter
        # People may use a million characters. This caches those of a few languages.
        if len(self) < 5_000:
            self[code] = folded
        return folded


_FOLDS = _Folds()


def _fold_word(word: str) -> str:
    plain = unicodedata.normalize("NFKC", word).casefold()
    return unicodedata.normalize("NFKC", plain) or word


def _fold(text: str) -> tuple[str, list[int] | None]:
    """The text in its searchable form, and for each of its letters the position in the given text.
    None if the positions are the same."""
    if text.isascii():
        return text.lower(), None
    folded = text.translate(_FOLDS)
    if len(folded) == len(text):
        return folded, None
    return folded, [at for at, letter in enumerate(text) for _ in _FOLDS[ord(letter)]]


def _apart(spans: Iterable[Span]) -> Iterator[Span]:
    """If two triggers overlap in one letter, such as "!" in "‼", keep only one."""
    end_before = 0
    for start, end in spans:
        if start >= end_before:
            yield start, end
            end_before = end


def _outside_addresses(text: str, spans: list[Span]) -> list[Span]:
    def is_word(span: Span) -> bool:
        return span[0] == 0 or text[span[0] - 1].isspace()

    # Nearly every trigger is a word of its own, and no address contains a space.
    if all(map(is_word, spans)):
        return spans
    # In a mail address the trigger is part of a longer word anyway.
    addresses = [(each.start, each.end) for each in find_addresses(text) if each.kind != "mail"]

    def is_outside(span: Span) -> bool:
        before = bisect(addresses, span[0], key=itemgetter(0))
        return not before or span[1] > addresses[before - 1][1]

    return [span for span in spans if is_word(span) or is_outside(span)]


def _split(text: str, spans: Iterable[Span]) -> list[str]:
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    return [text[edges[at] : edges[at + 1]] for at in range(0, len(edges), 2)]


def _normalise_trigger(trigger: str) -> str:
    return " ".join(re.sub(_AT, "@", _normalise(trigger)).replace(JOINER, "").split())


def _compile(words: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted(words, key=lambda word: (-len(word), word))
    # Without any word the pattern must never match.
    return re.compile("|".join(map(_bound, ordered)) or r"(?!)")


def _bound(word: str) -> str:
    """A pattern for the word, except inside a longer word or an address."""
    literal = re.escape(word).replace(r"\ ", r"\s+")
    before = rf"(?<!{_letter_beside(word[0])})(?<![@/+])(?<!\w[#=])(?<![/&][#=?&])"
    if word[0].isalnum():
        before += r"(?<!\w[-.'’])"
    return rf"{before}{literal}(?!{_letter_beside(word[-1])}|@|[-./'’]\w)"


def _letter_beside(edge: str) -> str:
    """A pattern for a letter that extends a trigger beginning or ending with ``edge``."""
    return r"\w" if re.match(f"[{SPACELESS}]", edge) else rf"[^\W{SPACELESS}]"


def _break(found: str) -> str:
    """A trigger changed so that it is none: "buddy" for "@buddy", "b-uddy" for "buddy"."""
    word = re.sub(r"^\W+", "", found)
    if word != found:
        return word
    return f"{found[0]}-{found[1:]}" if len(found) > 1 else ""


def _drop(_found: str) -> str:
    return ""


def _join(pieces: list[str]) -> str:
    """Join the texts around the triggers, without the commas that separated the triggers."""
    text = pieces[0]
    for piece in pieces[1:]:
        piece = _SET_OFF.sub("", piece, count=1)
        text = text.rstrip(" \t").removesuffix(",").rstrip(" \t")
        if text[-1:] + piece[:1] in _PAIRS:
            text, piece = text[:-1].rstrip(" \t"), piece[1:].lstrip(" \t")
        needs_space = text[-1:] not in ("", "\n", "(") and piece[:1] not in ("", "\n", *"?!.…)")
        text += f" {piece}" if needs_space else piece
    return text.strip()


def _read_command(question: str) -> Command | None:
    """A command is the whole question, apart from punctuation. An empty question asks for help, and
    one whose first word is "build" is that command, whatever follows, unless it asks something."""
    if all(map(_is_filling, question)):
        return "help"
    bare = question.strip("\"'“”‘’():;").rstrip(".!?…\"'”’) ")
    found = _COMMANDS.get(_fold_word(bare))
    if found is not None:
        return found
    is_asking = bool(_ASKING & set(question))
    if _BUILD.fullmatch(question.strip()) or (
        _BUILD_FIRST.match(question.strip()) and not is_asking
    ):
        return "build"
    thumb = _THUMB.fullmatch(question.strip())
    return _COMMANDS[thumb["word"].lower()] if thumb and not is_asking else None


def build_name(question: str) -> str | None:
    """The name that a "build" gives its component; empty if it gives none. None: what follows the
    word is no name."""
    found = _BUILD.fullmatch(question.strip())
    return (found["quoted"] or found["word"] or "").strip() if found else None


def _is_filling(character: str) -> bool:
    return character.isspace() or unicodedata.category(character)[0] in "PC"
