"""What is read and what is written, held against each other: no reply calls anybody, ever."""

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.figma.addressing import Addressing, has_reply_form, is_marked, reply_marker
from service.figma.records import Comment
from service.figma.replies import (
    MAX_REPLY_CHARS,
    clean_reply_text,
    compose_reply,
    find_own_reply,
)

BUDDY = Addressing(["@buddy"])
MARKER = reply_marker("Buddy")
REFERENCE = "7K2M9QX4TA"
OURS = "https://buddy.example/account"
FOOTER = "7 of 10 free uses left"
INVISIBLE = (
    "\u200b\u200c\u200d\u2060\u00ad\ufeff\u180e\u034f\u202e\u2066\u3164\ufe0f\U000e0062\x00\x1b"
)
TRIGGERS = st.lists(
    st.sampled_from(
        [
            "@buddy",
            "buddy",
            "@b",
            "ask ai",
            "!ask",
            "🤖",
            "助手",
            "@straße",
            "é",
            "@2x",
            "ref",
            "-b",
        ]
    ),
    min_size=1,
    max_size=3,
)


def spell(word: str, form: str) -> str:
    """A word as somebody may write it who wants it to get through."""
    ways = {
        "wide": lambda: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word),
        "bold": lambda: "".join(chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else c for c in word),
        "upper": word.upper,
        "doubled": lambda: word[:1] + word,
        "in a row": lambda: word * 3,
        "entity": lambda: f"&#{ord(word[0])};{word[1:]}",
        "twice encoded": lambda: f"&amp;#x{ord(word[0]):x};{word[1:]}",
        "escaped": lambda: f"\\{word}",
        "emphasised": lambda: f"{word[:2]}**{word[2:]}**",
        "tagged": lambda: f"{word[:2]}<b>{word[2:]}</b>",
        "commented": lambda: f"{word[:2]}<!-- -->{word[2:]}",
        "linked": lambda: f"[{word}](https://evil.example/{word})",
        "struck": lambda: f"{word[:2]}\u0336{word[2:]}",
        "accented": lambda: f"{word}\u0301",
    }
    return ways[form]() if form in ways else f"{word[:2]}{form}{word[2:]}"


FORMS = st.sampled_from(
    [
        *("wide", "bold", "upper", "doubled", "in a row", "entity", "twice encoded", "escaped"),
        *("emphasised", "tagged", "commented", "linked", "struck", "accented"),
        *INVISIBLE,
    ]
)
PIECES = st.one_of(
    st.builds(spell, st.sampled_from(["@buddy", "buddy", "ask ai", "助手", "@ada"]), FORMS),
    st.sampled_from(
        [
            *(" ", "\n", "\n\n", ".", ",", ": ", "/", "#", "=", "-", "(", ")", "[", "](", "<", ">"),
            *(
                "&",
                "amp;",
                "lt;",
                "\\",
                "*",
                "**",
                "_",
                "`",
                "```\n",
                "~~",
                "|",
                "@",
                "＠",
                "🤖",
                "!",
            ),
            *(
                "看",
                "é",
                "e\u0301",
                "ask ",
                " ai",
                "1:23",
                "16px",
                "@2x",
                "ref ",
                REFERENCE,
                MARKER,
            ),
            *("https://", "evil", ".example", ".com", "www.", "mailto:", "Toast.info", OURS),
            *("https://in.the.thread/a_b_*c*?d=1", FOOTER, f"\n{FOOTER} · ref {REFERENCE}", "<b>"),
            *(
                "</b>",
                "<!--",
                "-->",
                "<script>",
                "</script>",
                "<br>",
                "(link removed)",
                "🏴\u200d☠️",
            ),
        ]
    ),
    st.text(max_size=4),
)
TEXTS = st.lists(PIECES, max_size=14).map("".join)
LINKS = st.lists(st.sampled_from([OURS, "https://in.the.thread/a_b_*c*?d=1", "evil.com"]))


def reply_to(text: str, triggers: list[str], links: list[str]) -> str:
    addressing = Addressing(triggers)
    return compose_reply(
        MARKER, text, FOOTER, REFERENCE, addressing=addressing, allowed_links=links
    )


def words_of(reply: str) -> str:
    """Without the marker and the reference, which stay whatever the triggers are."""
    return reply.removeprefix(MARKER).removesuffix(f"ref {REFERENCE}")


@settings(deadline=None, max_examples=400)
@given(TEXTS, TRIGGERS, LINKS)
@example("看-b🤖b", ["-b", "🤖"], [])
@example("<<<<<<b>b>b>b>b>b>buddy", ["buddy"], [])
@example("https://buddy.example/<b>account</b>@buddy", ["@buddy"], [OURS])
def test_no_reply_addresses_a_buddy_whatever_it_is_called(text, triggers, links):
    reply = reply_to(text, triggers, links)
    assert len(reply) <= MAX_REPLY_CHARS
    for reader in (Addressing(triggers), BUDDY):
        assert not reader.read(reply).is_addressed
        assert not reader.read(words_of(reply)).is_addressed
    plain = unicodedata.normalize("NFKC", re.sub(f"[{INVISIBLE}]", "", words_of(reply))).casefold()
    assert "@buddy" not in plain


@settings(deadline=None, max_examples=400)
@given(TEXTS, TRIGGERS, LINKS)
def test_a_reply_is_known_again_and_looks_like_no_second_one(text, triggers, links):
    reply = reply_to(text, triggers, links)
    assert is_marked(reply, MARKER) and has_reply_form(reply)
    assert reply.count("✦") == 1
    assert reply.count(REFERENCE) == 1 or f"ref {REFERENCE}" not in words_of(reply)
    assert len(re.findall(rf"^{FOOTER}\W*(?:·.*)?$", reply, re.M)) == 1
    comment = Comment("40", "32", "1", "Bot", reply, None)
    assert find_own_reply([comment], "32", REFERENCE) is comment


@settings(deadline=None, max_examples=400)
@given(TEXTS, TRIGGERS, LINKS)
@example("&amp;amp;lt;b&amp;amp;gt;", ["@buddy"], [])
@example("[a](b](https://evil.com)", ["@buddy"], [])
@example("🏴\u200d\u200d☠️️", ["@buddy"], [])
def test_what_was_cleaned_stays_as_it_is_and_holds_nothing_that_acts(text, triggers, links):
    addressing = Addressing(triggers)
    left = clean_reply_text(text, addressing=addressing, allowed_links=links)
    assert clean_reply_text(left, addressing=addressing, allowed_links=links) == left
    known = left
    for link in (*links, OURS.split("/")[2]):
        known = known.replace(link, "") if link in links or OURS in links else known
    assert not re.search(
        r"</?[a-zA-Z!]|&#?[A-Za-z0-9]+;|\]\(|\*\*\w|(?<!\d)`|https?:|evil\.com", known
    )
    assert not re.search(r"[@＠](?!\d)\w", known)
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u202e\u2060\u2066\ufeff\ue000]", left
    )


@pytest.mark.parametrize("form", [*INVISIBLE, "wide", "doubled", "in a row", "entity", "tagged"])
def test_a_trigger_does_not_get_through_in_another_spelling(form):
    reply = reply_to(f"Ask {spell('@buddy', form)} again", ["@buddy"], [])
    assert "@" not in reply and "＠" not in reply
    assert "again" in reply


@pytest.mark.parametrize("form", ["wide", "bold", "upper"])
def test_what_is_read_as_a_trigger_is_broken_in_the_same_spelling(form):
    triggers = Addressing(["buddy"])
    text = spell("buddy", form)
    assert triggers.read(f"{text} look").is_addressed
    assert not triggers.read(triggers.defuse(f"{text} look")).is_addressed


def test_known_addresses_stay_and_no_others():
    links = [OURS, "https://in.the.thread/a_b_*c*?d=1&e=2", "mailto:help@buddy.example"]
    said = (
        f"Go to {OURS}, [this](https://in.the.thread/a_b_*c*?d=1&amp;e=2) or in.the.thread; "
        "write to help@buddy.example. Not https://in.the.thread/other, "
        f"{OURS}/x or https://buddy.example@evil.com/account."
    )
    left = clean_reply_text(said, addressing=BUDDY, allowed_links=links)
    assert left == (
        f"Go to {OURS}, this (https://in.the.thread/a_b_*c*?d=1&e=2) or in.the.thread; "
        "write to help@buddy.example. Not (link removed), (link removed) or (link removed)."
    )


def test_what_is_hardly_an_address_stays_readable_and_is_none():
    said = "Toast.info and README.md look good.It is color.red/500, not evil.example."
    left = clean_reply_text(said, addressing=BUDDY)
    assert left == "Toast .info and README .md look good. It is color .red/500, not evil .example."


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("@ada, @@ben and thanks@cleo", "ada, ben and (link removed)"),
        ("＠ada @font-face @radix-ui/react", "ada font-face radix-ui/react"),
        (
            "icon@2x.png at @2x, 3 @ 16px, the “@” sign",
            "icon@2x.png at @2x, 3 @ 16px, the “@” sign",
        ),
        ("✦ Buddy\nNo.", "✧ Buddy\nNo."),
        (f"Fine.\n{FOOTER} · ref {REFERENCE}\nMore", "Fine.\nMore"),
        (f"See ref {REFERENCE}", "See (reference removed)"),
        ("👩‍💻 ❤️ می‌خواهم", "👩‍💻 ❤️ می‌خواهم"),
        ("3 of 7 uses left alignment, 2 of 3 uses left-aligned text", None),
        ("- Close (1:2): 24x24 px; expected 44x44 (WCAG 2.2 SC 2.5.8).", None),
        ("Use Button.primary, icon.svg, next.js, v2.0, e.g. 16px/24px and/or 4.5:1.", None),
    ],
)
def test_what_reads_well_is_left(said, left):
    assert clean_reply_text(said, addressing=BUDDY) == (said if left is None else left)


MANY_OF = (
    *(
        "<",
        "<b",
        "<b>",
        "<!--",
        "&amp;",
        "&",
        "[",
        "](",
        "[x](",
        '![](a "',
        "*",
        "**a",
        "_a ",
        "__",
    ),
    *(
        "`",
        "~~",
        "|",
        "> ",
        "# ",
        "- ",
        "\\",
        "@",
        "@a",
        "a.",
        "a.b",
        "a@",
        "://",
        "www.",
        "a:",
        ":",
    ),
    *(
        "::",
        "1.",
        "看",
        "看.",
        " ",
        "\n",
        " \n",
        "\t",
        "-",
        "=",
        "ref ",
        "1 of ",
        "@buddy ",
        "ask ",
    ),
    *(
        " ai",
        "(",
        "()",
        "\u200d",
        "🏴\u200d",
        "a-",
        "_",
        "a_",
        "https://",
        "https://(",
        "a.b/",
        "‼",
    ),
)


@pytest.mark.parametrize("part", MANY_OF)
def test_no_text_takes_for_ever(part):
    """A hang fails; how fast it is depends on the machine."""
    addressing = Addressing(["@buddy", "buddy", "ask ai"])
    text = (part * 20_000)[:20_000] + " -->x"
    left = clean_reply_text(text, addressing=addressing, allowed_links=[OURS])
    assert not addressing.read(left).is_addressed
    assert not addressing.read(addressing.defuse(f"{text}/@buddy")).is_addressed
