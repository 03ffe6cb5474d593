"""Checks the numbers of an answer: each must be among the facts that the model was given.

A number counts as given if it is in the measured facts, the layers, the guidance, the thread or the
question, or is one of the published thresholds in the rules. What reads like a number and is no
measurement is left alone: a number of a list, a small count ("2 buttons"), an ordinal, a date, the
number of a guideline ("SC 1.4.3"), a part of a name ("gray-500", "H1") or of an address.

A contrast ratio is checked against ratios only, since a layout has many small numbers. A rounded
number is the given one, but a ratio may not be rounded up: 4.48:1 does not pass as 4.5:1.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import cached_property, lru_cache
from typing import Literal

# What became of the numbers of a model's answer: all were given at once; after one repair; not even
# then, so the measured review was posted; there were none.
Grounding = Literal["grounded", "repaired", "fell_back", "no_numbers"]
# Counts up to here are the model's own counting of what it sees.
SMALL_COUNT = 10
_MAX_NAMED = 12

_HEX = r"\#[0-9a-fA-F]{3,8}(?![0-9a-zA-Z])"
_PLAIN = r"\d+(?:[.,\u00a0\u202f]\d+)*"
_ID = r"I?\d+:\d+(?:;\d+:\d+)*"
# Everything in a given text that may be a number, read as generously as possible. It matches after
# any words, so that it need not try at each of their letters.
_GIVEN = re.compile(
    rf"[^\d#(]*+(?:\(({_ID})\)|({_HEX})|(\d+(?:[.,]\d+)?)\s?:\s?1(?![\d.,:;]*\d)|({_PLAIN})"
    r"|[#(]|\Z)"
)
_UNIT = (
    r"pixels?|pixeln|px|points?|punkte?|pt|dp|sp|r?em|per\s?cent|prozent|%|٪|°|degrees?|seconds?|ms"
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_STANDARD = r"wcag|apca|level|ios|android|material(?:[ ]design)?|html|css"
# The first alternative that fits explains the digits. Those without a name are no measurements. The
# cheap tests before the groups keep this fast: most letters of an answer begin nothing.
_ANSWER = re.compile(
    rf"""
    \b(?:https?://\S+|www\.\S+|[\w-]++(?:\.[\w-]+)*\.[a-z]{{2,}}/\S*)  # a link
    | (?:(?m:^)[ \t]*[-*•]?[ \t]*\(?|(?<=[:;.,][ ]))\d{{1,2}}(?:\)|\.(?=\s[^\W\d]))  # an item
    | \b(?:{_MONTH}[ ](?:\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?[ ]\d{{4}}\b)?|\d{{4}}\b)
        | (?:{_STANDARD})[ ]?\d+(?:\.\d+)*)
    | (?=[\d\#i])(?:
        (?P<hex>{_HEX})
        | \d\ufe0f?\u20e3  # a keycap
        | \b\d{{4}}-\d\d-\d\d\b
        | \b\d{{1,2}}(?:st|nd|rd|th|\.)?[ ]{_MONTH}(?:,?[ ]\d{{4}}\b(?!-))?
        | (?<![\d.,])\d\.\d{{1,2}}\.\d{{1,2}}(?![\d.,]*\d)  # a guideline
        | \b\d+(?:st|nd|rd|th)\b
        | (?P<id>(?<![\w.,:]){_ID}(?![\w:]|[.,]\d))
        | (?P<ratio>(?<![\w.,:])(?P<left>\d+(?:[.,]\d+)?)
            (?:\s?:\s?(?P<right>\d+(?:[.,]\d+)?)|\s(?:to|zu)\s1(?![.,]?\d))(?![\d:]))
        | (?:(?<![\w\#])(?<![^\W\d][-/])(?<!\d[.,])|(?<=\dx))(?P<number>{_PLAIN})
            (?:(?P<by>[ ]?[x×](?=[ ]?\d))|[ ]?(?P<unit>{_UNIT})(?![^\W\d_])
                |(?P<letters>(?!x\b)[^\W\d_]|_))?
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_KINDS = ("hex", "id", "ratio", "number")
# After one of these a number without a unit is a value and no count: "a gap of 8".
_MEASURE = re.compile(
    r"\b(?:gaps?|paddings?|spacings?|margins?|radius|radii|sizes?|weights?|width|height|grid|scale"
    r"|opacity|multiples?|abstand|abstände|größe|raster)\b[^.;\n]{0,24}$",
    re.IGNORECASE,
)
_RATIO_WORD = re.compile(r"(?:contrast|ratio|kontrast|verhältnis)\w*[^.;\n]{0,24}$", re.IGNORECASE)
_COUNTED = re.compile(r"\s+\(?[^\W\d_]", re.IGNORECASE)
_DIGIT = re.compile(r"[\d#]")
_ONES = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ONE = ("1", "1.0", "1,0")
_WHOLE_SHARES = frozenset({Decimal(0), Decimal(100)})
_WORDS = {
    **{name: 10 * (at + 1) for at, name in enumerate(_TENS)},
    **{name: at + 1 for at, name in enumerate(_ONES)},
}
# A number in words counts only with a unit: "two labels" is a small count.
_UNIT_OF_WORDS = re.compile(r"[a-z][ -](?:pixel|px|point|pt|per ?cent)", re.IGNORECASE)
_IN_WORDS = re.compile(
    rf"\b(?P<tens>{'|'.join(_TENS[1:])})?(?:(?(tens)[- ]|)(?P<ones>{'|'.join(_ONES)}))?"
    r"(?(tens)|(?(ones)|(?!)))[ -](?:pixels?|px|points?|pt|per ?cent)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Numbers:
    """What stands in a text."""

    ids: frozenset[str]
    ratios: frozenset[Decimal]
    numbers: frozenset[Decimal]
    colours: frozenset[str]


@dataclass(frozen=True)
class Given:
    """What a model was given. ``design``: layers and facts, with ids in brackets. ``said``: what
    people wrote. ``counts``: how many facts of each sort there are. ``thresholds``: a constant of
    the code."""

    design: str = ""
    said: str = ""
    counts: frozenset[int] = frozenset()
    thresholds: str = ""

    @cached_property
    def _texts(self) -> tuple[_Numbers, ...]:
        return _read(self.design), _read_constant(self.thresholds), _read(self.said, is_said=True)

    def has_id(self, node_id: str) -> bool:
        return any(node_id in each.ids for each in self._texts)

    def has_ratio(self, text: str) -> bool:
        wanted = _values(text)
        if any(wanted & each.ratios for each in self._texts):
            return True
        return any(
            _is_cut(value, given)
            for value in wanted
            for each in self._texts
            for given in each.ratios
        )

    def has_number(self, text: str, *, is_share: bool = False) -> bool:
        wanted = _values(text)
        if is_share and wanted & _WHOLE_SHARES:
            # "100 %" is a way to say "wholly".
            return True
        if is_share:
            # An opacity of 0.35 is 35 %.
            wanted |= {value / 100 for value in wanted}
        if wanted & self.counts or any(wanted & each.numbers for each in self._texts):
            return True
        return any(
            _is_rounded(value, given)
            for value in wanted
            for each in self._texts
            for given in each.numbers
        )

    def has_colour(self, text: str) -> bool:
        colour = _colour(text)
        return any(colour in each.colours for each in self._texts)


@dataclass(frozen=True)
class Check:
    """The result: how many numbers an answer has, and those that were not given, as written."""

    count: int
    foreign: tuple[str, ...] = field(default=())

    @property
    def is_grounded(self) -> bool:
        return not self.foreign


def check_numbers(answer: str, given: Given) -> Check:
    """Compare every number of ``answer`` with what was given. Takes well under a millisecond for an
    answer and a prompt of the usual size."""
    count, foreign = 0, dict[str, None]()
    for text, is_given in _judge(answer, given):
        count += 1
        if not is_given:
            foreign.setdefault(text)
    return Check(count, tuple(foreign))


def count_facts(kinds: Iterable[tuple[str, str]]) -> frozenset[int]:
    """How many facts there are: in all, of each kind, of each verdict and of both together.
    ``kinds`` has (kind, verdict) of each fact."""
    facts = list(kinds)
    counted = Counter[object](facts)
    counted.update(kind for kind, _ in facts)
    counted.update(verdict for _, verdict in facts)
    return frozenset({len(facts), *counted.values()})


def repair_request(check: Check) -> str:
    """What to tell the model about its answer. It contains numbers and units only, no words of the
    answer."""
    named = ", ".join(check.foreign[:_MAX_NAMED])
    return (
        f"Your answer has values that were not given to you: {named}. Write the whole answer "
        "again. Use only numbers, ratios, sizes, colours and ids that stand in the data above or "
        "in the thresholds, exactly as they stand there, and say the rest without any. Write "
        "nothing about this message."
    )


def _read(text: str, *, is_said: bool = False) -> _Numbers:
    """A number with decimals that people wrote is taken as a ratio too: "is 4.5 enough?"."""
    ids, ratios, numbers, colours = set[str](), set[Decimal](), set[Decimal](), set[str]()
    # A layout repeats a few numbers many times.
    for node_id, colour, ratio, plain in set(_GIVEN.findall(text)):
        if node_id:
            ids.add(node_id)
        elif colour:
            colours.add(_colour(colour))
        elif ratio or plain:
            values = _values(ratio or plain)
            numbers |= values
            if ratio or (is_said and not plain.isdecimal()):
                ratios |= values
    if is_said:
        ids.update(re.findall(_ID, text))
    return _Numbers(frozenset(ids), frozenset(ratios), frozenset(numbers), frozenset(colours))


# Only what the code says is kept, and nothing that people or files do.
_read_constant = lru_cache(maxsize=4)(_read)


def _judge(answer: str, given: Given) -> Iterator[tuple[str, bool]]:
    """(as written, was given) of each number in the answer."""
    for found in _explained(answer):
        kind = next((name for name in _KINDS if found[name] is not None), "")
        text = found[0].strip()
        if kind == "hex":
            yield text, given.has_colour(text)
        elif kind == "id":
            yield text, _knows_pair(text, given, answer, found)
        elif kind == "ratio":
            yield text, _knows_ratio(found["left"], found["right"] or "1", given)
        elif kind == "number":
            yield from _judge_number(answer, found, given)
    for found in _IN_WORDS.finditer(answer) if _UNIT_OF_WORDS.search(answer) else ():
        value = sum(_WORDS[each] for each in (found["tens"], found["ones"]) if each)
        is_share = "cent" in found[0].lower()
        yield found[0], given.has_number(str(value), is_share=is_share)


def _explained(answer: str) -> Iterator[re.Match[str]]:
    """The digits of an answer. Lines without any are not searched."""
    start = at = 0
    for line in answer.split("\n"):
        end = at + len(line) + 1
        if not _DIGIT.search(line):
            # One letter more, for what may follow a number at the end of a line.
            yield from _ANSWER.finditer(answer, start, at + 1) if start < at else ()
            start = end
        at = end
    yield from _ANSWER.finditer(answer, start) if start < at else ()


def _judge_number(answer: str, found: re.Match[str], given: Given) -> Iterator[tuple[str, bool]]:
    number, unit, before = found["number"], found["unit"] or "", answer[: found.start()][-48:]
    if found["letters"]:
        # A part of a name: 3D, 2FA.
        return
    is_bare = not unit and not found["by"]
    is_counting = is_bare and bool(_COUNTED.match(answer, found.end()))
    if is_bare and _is_small_count(number, before, answer[found.end() :], is_counting):
        return
    text = f"{number} {unit}" if unit[:1].isalpha() else number + unit
    if is_bare and not is_counting and _RATIO_WORD.search(before):
        yield text, given.has_ratio(number)
        return
    is_share = unit.lower().replace(" ", "") in ("%", "٪", "percent", "prozent")
    yield text, given.has_number(number, is_share=is_share)


def _is_small_count(number: str, before: str, after: str, is_counting: bool) -> bool:
    """Whether it is the model's own counting: "2 buttons", "2 of 3", "twice" as "2x"."""
    if not number.isdecimal() or int(number) > SMALL_COUNT:
        return False
    is_of = bool(re.search(r"\b(?:of|von|de)\s+$", before, re.IGNORECASE))
    is_multiple = bool(re.match(r"\s?[x×](?!\w)", after))
    is_value = bool(_MEASURE.search(before) or (_RATIO_WORD.search(before) and not is_counting))
    return (is_counting or is_of or is_multiple) and not is_value


def _knows_pair(text: str, given: Given, answer: str, found: re.Match[str]) -> bool:
    """``a:b`` of whole numbers: the id of a layer, or a ratio such as 3:1."""
    # Ids such as 4:1 must not let a contrast of 4:1 pass.
    if answer[found.start() - 1 : found.start()] == "(" and given.has_id(text):
        return True
    left, _, right = text.partition(":")
    ratio = left if right == "1" else right if left == "1" else ""
    if ratio and given.has_ratio(ratio):
        return True
    if not given.has_id(text):
        return False
    return not ratio or not _RATIO_WORD.search(answer[: found.start()][-48:])


def _knows_ratio(left: str, right: str, given: Given) -> bool:
    if right in _ONE:
        return given.has_ratio(left)
    if left in _ONE:
        return given.has_ratio(right)
    return given.has_number(left) and given.has_number(right)


@lru_cache(maxsize=4096)
def _values(text: str) -> frozenset[Decimal]:
    """The values that a written number can have: "1,200" is 1200 or 1.2. A list without spaces
    ("1,2,3") has the value of none."""
    if not text.isascii():
        text = "".join(str(int(char)) if char.isdecimal() else char for char in text)
        text = re.sub("[\u00a0\u202f]", "", text)
    if text.isdecimal():
        return frozenset({Decimal(text)})
    found = set[Decimal]()
    if re.fullmatch(r"\d+[.,]\d+", text):
        found.add(Decimal(text.replace(",", ".")))
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        found.add(Decimal(text.replace(",", "")))
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", text):
        found.add(Decimal(text.replace(".", "").replace(",", ".")))
    return frozenset(found)


def _is_rounded(value: Decimal, given: Decimal) -> bool:
    """Whether ``value`` is the given number with fewer decimals, rounded or cut off. Only a number
    from ten up may lose all of them: 1.25 is not 1."""
    if abs(value - given) >= 1 or _decimals(value) >= _decimals(given):
        return False
    if not _decimals(value) and given < 10:
        return False
    return value in (given.quantize(value, ROUND_HALF_UP), given.quantize(value, ROUND_DOWN))


def _is_cut(value: Decimal, given: Decimal) -> bool:
    """Whether a ratio is the given one with its last decimals cut off, and at least one left."""
    if not 1 <= _decimals(value) < _decimals(given):
        return False
    return value == given.quantize(value, ROUND_DOWN)


def _decimals(value: Decimal) -> int:
    return -int(value.as_tuple().exponent)


def _colour(text: str) -> str:
    """#abc as #aabbcc, in small letters."""
    digits = text.lower().lstrip("#")
    return "".join(2 * each for each in digits) if len(digits) in (3, 4) else digits
