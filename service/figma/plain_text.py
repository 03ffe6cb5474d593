"""Turn Markdown and HTML into plain text, because a comment would show the raw markup.

It follows https://spec.commonmark.org/0.31.2/ as far as text for people needs it. Names such as
"card__title", "_base/Button", "*.svg" and products such as "5*7" are no emphasis here.
"""

import html
import re

# HTML tags for text. Any other tag name is kept as text, as in "the <Button> layer".
_FORMATTING = frozenset(
    re.findall(
        r"\w+",
        "a abbr b big blockquote br center code dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i"
        " img ins kbd li mark ol p pre q s samp small span strike strong sub sup table tbody td"
        " tfoot th thead tr tt u ul",
    )
)
_VOID = frozenset({"br", "hr", "img"})
_BREAKS = re.compile(r"blockquote|br|d[dlt]|div|h[1-6r]|ol|p|pre|table|tr|ul")

_ENTITY = re.compile(
    r"&(?:amp;|#0*38;|#x0*26;)*(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.I
)
_SCRIPT = re.compile(r"<(script|style)\b[^<>]*>[^<]*</\1\s*>", re.I)
_AUTOLINK = re.compile(r"<([a-z][a-z0-9+.-]{1,30}:[^\s<>]+|[^\s<>@]+@[^\s<>@]+)>", re.I)
_TAG = re.compile(r"<(/?)([a-z][\w:.-]*)((?:[\s/][^<>]*)?)>", re.I)
_DECLARATION = re.compile(r"<[!?][^<>]*>")
_OPENING = re.compile(r"<(?=[a-z/!?])", re.I)

_IMAGE_OR_LINK = re.compile(
    r"(!?)\[([^\[\]\n]*)\]"
    r"\([ \t]*<?([^()\s<>]*+(?:\([^()\s<>]*\)[^()\s<>]*)*+)>?(?:[ \t]+[\"'][^\"'\n]*[\"'])?[ \t]*\)"
)
_DEFINITION = re.compile(r"^[ \t]*\[(?!\^)[^\[\]\n]+\]:[ \t]*\S[^\n]*\n?", re.M)
_REFERENCE = re.compile(r"!?\[([^\[\]\n]+)\]\[[^\[\]\n]*\]")
_FOOTNOTE = re.compile(r"\[\^[\w-]+\]:?")

_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n`]*(?:\n|\Z)", re.M)
_RULE = re.compile(
    r"^[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|={3,}[ \t]*)(?:\n|\Z)", re.M
)
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+", re.M)
_QUOTE = re.compile(r"^[ \t]*+(?:>[ \t]*+)++(?![\d=.])", re.M)
_BULLET = re.compile(r"^([ \t]*)(?:\*|\+(?=[ \t]+\D))[ \t]+", re.M)
_TASK = re.compile(r"^([ \t]*- )\[[ xX]\][ \t]+", re.M)
_TABLE_RULE = re.compile(r"^(?=[^\n]*\|)(?=[^\n]*-)[|:\- \t]+(?:\n|\Z)", re.M)
_ROW = re.compile(r"^[ \t]*\|([^\n]*)", re.M)
_LOOSE_ROW = re.compile(r"^([^\n|]*\|[^\n]*)", re.M)

_POWER = re.compile(r"(?<=\d)(\*{2,})(?=\d)")
_STRONG = re.compile(r"(?<!\s)\*{2,}|\*{2,}(?!\s)|(?<!\s)~{2,}|~{2,}(?!\s)")
_STAR = re.compile(r"(?<![\d*\\])\*(?=[^\s*])([^*\n]*[^\s*\\])\*(?![\d*])")
_UNDERLINE = re.compile(r"(?<!\w)(_{1,3})(?=[^\s_])((?:[^_\n]|(?<=\w)_+(?=\w))*[^\s_])\1(?!\w)")
_APOSTROPHE = re.compile(r"(?<=[^\W\d])`(?=[^\W\d])")
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")

_BLANK_LINES = re.compile(r"\n{3,}")
_LINE_EDGE = re.compile(r"(?<![ \t])[ \t]+$", re.M)


def decode_entities(text: str) -> str:
    """Decode entities such as "&lt;" and "&#64;", even if they are encoded several times."""
    return _ENTITY.sub(_decode, text) if "&" in text else text


def without_markup(text: str) -> str:
    """The text without Markdown and HTML, in lines and lists with "-".

    Links become "text (address)". Nested markup may need more than one pass.
    """
    text = _without_tags(text) if "<" in text else text
    text = _without_links(text) if "[" in text else text
    text = text.replace("](", "] (")
    text = _without_emphasis(_without_blocks(text))
    if " \n" in text or "\t\n" in text:
        text = _LINE_EDGE.sub("", text)
    return _BLANK_LINES.sub("\n\n", text).strip()


def _decode(match: re.Match[str]) -> str:
    return html.unescape(f"&{match[1]};")


def _without_tags(text: str) -> str:
    text = _AUTOLINK.sub(r"\1", _SCRIPT.sub("", _without_comments(text)))
    closed = {name.lower() for slash, name, _ in _TAG.findall(text) if slash}

    def replace(tag: re.Match[str]) -> str:
        name, is_closing = tag[2].lower(), bool(tag[1])
        is_formatting = name in _FORMATTING and (
            is_closing or bool(tag[3]) or name in closed or name in _VOID
        )
        if not is_formatting:
            return "" if is_closing else f"‹{tag[2]}›"
        if name == "li":
            return "" if is_closing else "\n- "
        return "\n" if _BREAKS.fullmatch(name) else ""

    return _OPENING.sub("‹", _DECLARATION.sub("", _TAG.sub(replace, text)))


def _without_comments(text: str) -> str:
    """Not with a regex: it would search for the end again from every beginning."""
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        kept.append(text[at:start])
        at = end + 3
    return "".join([*kept, text[at:]])


def _without_links(text: str) -> str:
    text = _IMAGE_OR_LINK.sub(_write_link, text)
    if "]:" in text:
        defined = _DEFINITION.sub("", text)
        text = _REFERENCE.sub(r"\1", defined) if defined != text else text
    return _FOOTNOTE.sub("", text)


def _write_link(link: re.Match[str]) -> str:
    is_image, words, address = bool(link[1]), link[2].strip(), link[3]
    if is_image or not address:
        return words
    return address if words in ("", address) else f"{words} ({address})"


def _without_blocks(text: str) -> str:
    if "```" in text or "~~~" in text:
        text = _FENCE.sub("", text)
    if "|" in text:
        ruled = _TABLE_RULE.sub("", text)
        rows = _ROW if ruled == text else _LOOSE_ROW
        text = rows.sub(lambda row: " · ".join(_cells(row[1])), ruled)
    if "#" in text:
        text = _HEADING.sub("", text)
    if ">" in text:
        text = _QUOTE.sub("", text)
    if text.count("-") > 2 or any(mark in text for mark in ("*", "_", "===")):
        text = _RULE.sub("", text)
    if "*" in text or "+" in text:
        text = _BULLET.sub(r"\1- ", text)
    return _TASK.sub(r"\1", text) if "- [" in text else text


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("| \t").split("|")]


def _without_emphasis(text: str) -> str:
    if "*" in text or "~~" in text:
        text = _STAR.sub(r"\1", _STRONG.sub("", _POWER.sub(r" \1 ", text)))
    if "_" in text:
        text = _UNDERLINE.sub(r"\2", text)
    if "`" in text:
        text = _APOSTROPHE.sub("'", text).replace("`", "")
    return _ESCAPE.sub("", text) if "\\" in text else text
