"""Whom a comment speaks to: triggers, mentions of the bot, commands, and the buddy's own mark."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Command = Literal["help", "usage", "stop", "resume"]

_COMMANDS: dict[str, Command] = {name: name for name in get_args(Command)}
# Written into a trigger it is invisible, and the trigger is a word no more.
JOINER = "\u2060"
_AT = "[@＠﹫]"
# Scripts that write no space between words, and Korean, which ties its particles to them: Thai,
# hangul, kana, bopomofo and Han with its signs of repetition.
_SPACELESS = (
    "\u0e00-\u0e7f\u1100-\u11ff\u3005-\u3007\u3040-\u30ff\u3100-\u318f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc"
    "\U00020000-\U0003ffff"
)
# What can stand round a trigger and is of no use without it.
_PAIRS = frozenset({"()", "[]", "“”", "‘’", "«»", '""', "''", "**"})


@dataclass(frozen=True)
class Mention:
    """Somebody picked from Figma's list of people: one person, whatever they are called."""

    person_id: str
    handle: str

    def __str__(self) -> str:
        return f"@{self.handle}"


@dataclass(frozen=True)
class Addressed:
    """How a comment was read. ``question`` is its text without the triggers."""

    is_addressed: bool
    question: str
    command: Command | None


class Addressing:
    """Reads comments for a set of trigger words and, where it is told, mentions of the bot.

    A trigger counts as a word of its own, in any case, anywhere in what was typed. It does not
    count inside a longer word, an address ("a@buddy.com", "x.com/@buddy") or a possessive:
    "@buddy's idea" speaks about the buddy, not to it. Where a script writes no spaces, the trigger
    ends its words: "请@buddy看看". A mention ends words too and is never part of a trigger: people
    may be called as the buddy is.
    """

    def __init__(self, triggers: Iterable[str]):
        self.triggers = tuple(filter(None, map(_normalise_trigger, triggers)))
        self._pattern = _compile(self.triggers)

    def read(self, comment: str | Iterable[str | Mention], bot_user_id: str = "") -> Addressed:
        """Read one comment: its text, or its texts and the mentions between them.

        Mentions of ``bot_user_id`` address the buddy and are cut out as triggers are; those of
        others stay in the question as "@handle".
        """
        pieces = [""]
        for part in [comment] if isinstance(comment, str) else comment:
            if isinstance(part, str):
                first, *others = self._pattern.split(_normalise(part))
                pieces[-1] += first
                pieces += others
            elif part.person_id == bot_user_id:
                pieces.append("")
            else:
                pieces[-1] += _normalise(str(part))
        if len(pieces) == 1:
            return Addressed(False, pieces[0].strip(), None)
        question = _join(pieces)
        return Addressed(True, question, _read_command(question))

    def defuse(self, text: str) -> str:
        """Change ``text`` as little as can be so that it does not address the buddy."""
        text = _normalise(text)
        while self._pattern.search(text):
            text = _normalise(self._pattern.sub(_break, text))
        return text


def reply_marker(name: str) -> str:
    """What every reply of the buddy begins with: "✦ Buddy"."""
    return f"✦ {' '.join(name.split())}"


def is_marked(text: str, marker: str) -> bool:
    """Whether a comment is one of the buddy's own replies, known by its beginning."""
    plain = _normalise(text).replace(JOINER, "").lstrip()
    return plain.startswith(_normalise(marker).replace(JOINER, "").strip())


def _normalise(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _normalise_trigger(trigger: str) -> str:
    return " ".join(re.sub(_AT, "@", _normalise(trigger)).replace(JOINER, "").split())


def _compile(words: Iterable[str]) -> re.Pattern[str]:
    # ignorecase does not know that "ß" and "SS" are one letter in two cases.
    spellings = {
        _normalise(form)
        for word in words
        for form in (word, word.upper(), word.lower(), word.casefold())
    }
    ordered = sorted(spellings, key=lambda word: (-len(word), word))
    # Without a word the pattern must match nowhere.
    return re.compile("|".join(map(_bound, ordered)) or r"(?!)", re.IGNORECASE)


def _bound(word: str) -> str:
    literal = re.escape(word).replace("@", _AT).replace(r"\ ", r"\s+")
    before = rf"(?<!{_letter_beside(word[0])})(?<![@＠﹫/+])"
    if word[0].isalnum():
        before += r"(?<!\w[-.'’])"
    return rf"{before}{literal}(?!{_letter_beside(word[-1])}|[@＠﹫]|[-./'’]\w)"


def _letter_beside(edge: str) -> str:
    """What makes a longer word of a trigger that begins or ends with ``edge``."""
    return r"\w" if re.match(f"[{_SPACELESS}]", edge) else rf"[^\W{_SPACELESS}]"


def _break(match: re.Match[str]) -> str:
    found = match[0]
    return found[0] + JOINER + found[1:] if len(found) > 1 else ""


def _join(pieces: list[str]) -> str:
    """Put together what stood round the triggers, without the commas that set them off."""
    text = pieces[0]
    for piece in pieces[1:]:
        piece = re.sub(r"^[ \t]*(?:[,:;]|[-–—](?=\s))?[ \t]*", "", piece, count=1)
        text = text.rstrip(" \t").removesuffix(",").rstrip(" \t")
        if text[-1:] + piece[:1] in _PAIRS:
            text, piece = text[:-1].rstrip(" \t"), piece[1:].lstrip(" \t")
        needs_space = text[-1:] not in ("", "\n", "(") and piece[:1] not in ("", "\n", *"?!.…)")
        text += f" {piece}" if needs_space else piece
    return text.strip()


def _read_command(question: str) -> Command | None:
    """A command is the whole question, but for punctuation; no question at all asks for help."""
    if all(map(_is_filling, question)):
        return "help"
    return _COMMANDS.get(question.strip("\"'“”‘’()").rstrip(".!?…\"'”’) ").casefold())


def _is_filling(character: str) -> bool:
    return character.isspace() or unicodedata.category(character)[0] in "PC"
