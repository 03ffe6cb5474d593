"""Text from outside, made safe to store and to show."""

import json
import re
import unicodedata
from typing import Any

# Scripts without spaces between words, and Korean, which attaches its particles to words: Thai,
# hangul, kana, bopomofo, and Han with its repetition marks.
SPACELESS = (
    "\u0e00-\u0e7f\u1100-\u11ff\u3005-\u3007\u3040-\u30ff\u3100-\u318f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc"
    "\U00020000-\U0003ffff"
)

# Postgres refuses both in jsonb: https://www.postgresql.org/docs/current/datatype-json.html
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_UNSTORABLE_JSON = re.compile(r"(?<!\\)(?:\\\\)*\\u0000|[\ud800-\udfff]")
# Characters that may have a variation selector or a joiner: pictures, as in "👩‍💻" …
_PICTURES = "\xa9\xae\u203c-\u3299\U0001f000-\U0001faff"
# … and letters that a joiner shapes: Arabic and Persian, the scripts of India, Burmese, Khmer.
_JOINED = (
    "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17b3\u17b6-\u17ff"
)
# Control characters except tab and newline, direction marks, surrogates, private-use characters,
# and all invisible characters (Default_Ignorable_Code_Point in
# https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt).
_HIDDEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e"
    "\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0d\ufeff\uffa0"
    "\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff"
)
_SHAPING = "\u200c\u200d\ufe0e\ufe0f"
_SUSPECT = re.compile(f"[{_HIDDEN}{_SHAPING}\u2028\u2029\u2800]")
_UNSHOWABLE = re.compile(
    f"[{_HIDDEN}]"
    f"|(?<![{_PICTURES}])[\ufe0e\ufe0f](?!\u20e3)"
    f"|[\u200c\u200d](?!(?<=[{_PICTURES}\ufe0f]\u200d)[{_PICTURES}])"
    f"(?!(?<=[{_JOINED}].)[{_JOINED}])"
)
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")


def storable(text: str, limit: int | None = None) -> str:
    """Drop NUL, replace lone surrogates, and cut to ``limit`` characters.

    A surrogate pair that spells one character (a sloppy JSON escape) becomes that character.
    """
    if _UNSTORABLE.search(text):
        joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = _UNSTORABLE.sub("", joined)
    return text[:limit]


def storable_json(value: Any) -> Any:
    """The same value, with every text in it ``storable``."""
    # Searching the dumped text is many times faster than walking through the value.
    if _UNSTORABLE_JSON.search(json.dumps(value, ensure_ascii=False, default=str)):
        return _without_unstorable(value)
    return value


def showable(text: str) -> str:
    """Keep what a comment can show: no control characters except tabs and newlines, and no
    invisible characters except those that shape their neighbours."""
    if _SUSPECT.search(text):
        text = _LINE_ENDS.sub("\n", storable(text)).replace("\u2800", " ")
        text = _UNSHOWABLE.sub("", text)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _without_unstorable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {_without_unstorable(key): _without_unstorable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_unstorable(each) for each in value]
    return value
