"""Who is addressed, what is asked, and what never addresses the buddy."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.figma.addressing import (
    Addressed,
    Addressing,
    Mention,
    build_name,
    is_marked,
    reply_marker,
)

BUDDY = Addressing(["@buddy"])
# Pieces of triggers, what bounds them, and characters that change when they are put together.
WORDS = st.sampled_from(
    [
        "@buddy",
        "@BUDDY",
        "buddy",
        "@",
        "b",
        "ask ai",
        "ask  AI",
        "!",
        "straße",
        "STRASSE",
        "＠buddy",
    ]
)
BOUNDS = st.sampled_from(
    [
        " ",
        "\n",
        ".",
        ",",
        "'s",
        "x",
        "e\u0301",
        "\u0301",
        "\u2060",
        "✦",
        "(",
        ")",
        "/",
        "看",
        "の",
        "가",
    ]
)
TEXTS = st.lists(WORDS | BOUNDS | st.text(max_size=3), max_size=15).map("".join)
TRIGGERS = st.lists(
    st.sampled_from(
        ["@buddy", "buddy", "ask ai", "!", "b", "@", "straße", "✦", "é", "(", "s", "助手", "@看"]
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("@buddy is this readable?", "is this readable?"),
        ("@BUDDY, is this readable?", "is this readable?"),
        ("Is this readable, @buddy?", "Is this readable?"),
        ("Is this\n@Buddy\nreadable?", "Is this\n\nreadable?"),
        ("(@Buddy) fix it", "fix it"),
        ("hey @buddy, fix it", "hey fix it"),
        ("@buddy: fix it", "fix it"),
        ("@buddy - fix it", "fix it"),
        ("@buddy -10px?", "-10px?"),
        ("Fix it.@buddy", "Fix it."),
        ("“@buddy” fix it", "fix it"),
        ("＠buddy 直して", "直して"),
        ("@buddy what would @buddy do", "what would do"),
        ("  @buddy\tfix it  ", "fix it"),
        # In any width and letters of one's own.
        ("＠ｂｕｄｄｙ fix it", "fix it"),
        ("＠ＢＵＤＤＹ、直して ｶﾗｰ", "、直して ｶﾗｰ"),
        ("@𝐛𝐮𝐝𝐝𝐲 fix it", "fix it"),
        # Beside an address, and after what only looks like one.
        ("https://x.y/a @buddy fix it", "https://x.y/a fix it"),
        ("“https://x.y”@buddy fix it", "“https://x.y” fix it"),
        ("请看https://x.y/a，@buddy 谢谢", "请看https://x.y/a， 谢谢"),
        ("16px/24px,@buddy?", "16px/24px?"),
        ("Really?@buddy fix it", "Really? fix it"),
        ("icon.svg,@buddy fix it", "icon.svg fix it"),
        ("Note:@buddy fix it", "Note: fix it"),
        ("Ada&@buddy", "Ada&"),
        # What belongs to the question is no part of what sets the trigger off.
        ("@buddy :wave: hi", ":wave: hi"),
        ("@buddy:wave: hi", ":wave: hi"),
        ("@buddy, :+1: or :-1:?", ":+1: or :-1:?"),
        (":wave: @buddy hi", ":wave: hi"),
        ("@buddy :) is it ok?", ":) is it ok?"),
        ("@buddy ;-) is it ok?", ";-) is it ok?"),
        ("@buddy:D", ":D"),
        ("@buddy :hover or ::before?", ":hover or ::before?"),
        ("@buddy ::before?", "::before?"),
        ("@buddy:fix it", "fix it"),
        ("@buddy : fix it", "fix it"),
        ("@buddy ,fix it", "fix it"),
    ],
)
def test_a_trigger_counts_anywhere_as_a_word_of_its_own(text, question):
    addressed = BUDDY.read(text)
    assert (addressed.is_addressed, addressed.question) == (True, question)
    assert addressed.command is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "buddy, look",
        "@buddyx",
        "@buddy2 look",
        "@buddy_bot look",
        "@buddybär look",
        "x@buddy",
        "é@buddy",
        "a@buddy.com",
        "mail me: first.last+@buddy",
        "@buddy.com",
        "@buddy-team look",
        "https://social.example/@buddy",
        "@buddy/components",
        "@buddy's idea",
        "@buddy’s idea",
        "@@buddy",
        "@buddy@example.com",
        "@\u2060buddy",
        "@buddyx看",
        "@buddy_2看",
        "看x@buddy",
        "@buddyｘ",
        "@@buddy看",
        "看/@buddy",
        # Addresses of every form.
        "https://x.y/?u=@buddy",
        "https://x.y/#@buddy",
        "https://x.y/a,@buddy look",
        "(https://x.y/(a)_@buddy)",
        "HTTPS://X.Y/?U=@BUDDY",
        "https：／／x.y/?u=＠ｂｕｄｄｙ",
        "//x.com/?a=1&@buddy",
        "/#@buddy",
        "/?u=@buddy",
        "page#@buddy",
        "?u=@buddy",
        "x.com/a:@buddy",
        "x.com:80/;@buddy",
        "www.x.com/~@buddy",
        "localhost:3000/:@buddy",
        "10.0.0.1/;@buddy",
        "mailto:@buddy",
        "mailto:a@x.com?cc=@buddy",
        "figma://file/abc?to=:@buddy",
        "user@buddy.com",
        "ftp://:@buddy/x",
        "data:text/html,@buddy",
    ],
)
def test_a_trigger_inside_something_longer_does_not_count(text):
    assert BUDDY.read(text).is_addressed is False
    assert BUDDY.read(text).command is None


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("@buddyこの色は大丈夫？", "この色は大丈夫？"),
        ("请@buddy看看", "请 看看"),
        ("@Buddy에게 물어봐", "에게 물어봐"),
        ("ช่วย@buddyดูหน่อย", "ช่วย ดูหน่อย"),
        ("＠buddyｶﾗｰは？", "ｶﾗｰは？"),
        ("々@buddy𠮟", "々 𠮟"),
        ("コントラスト@buddy", "コントラスト"),
    ],
)
def test_a_script_without_spaces_bounds_a_trigger(text, question):
    assert BUDDY.read(text) == Addressed(True, question, None)
    defused = BUDDY.defuse(text)
    assert not BUDDY.read(defused).is_addressed
    assert defused == re.sub("[@＠]", "", text)


def test_a_trigger_of_such_a_script_is_still_a_word_of_its_own():
    many = Addressing(["助手", "@助手", "buddy"])
    for text in ("助手 看看", "@助手，看看", "请 @助手", "buddy看看", "请buddy看看"):
        assert many.read(text).is_addressed
    for text in ("助手们", "小助手", "x助手", "@助手们", "ubuddy看"):
        assert not many.read(text).is_addressed


def test_triggers_can_be_words_phrases_and_signs():
    many = Addressing([" Ask  AI ", "buddy", "🤖", ""])
    assert many.read("ask\nai: fix it").question == "fix it"
    assert many.read("🤖 fix it").question == "fix it"
    assert many.read("Buddy, fix it").question == "fix it"
    for text in ("task ai", "my-buddy", "www.buddy.example", "Buddy's", "buddyless"):
        assert not many.read(text).is_addressed


def test_the_longest_trigger_is_cut_out_whole():
    both = Addressing(["@buddy", "@buddy bot"])
    assert both.read("@Buddy Bot fix it").question == "fix it"


def test_a_trigger_matches_in_either_case_of_its_language():
    many = Addressing(["@straße", "@ЖЕНЯ", "@jose\u0301"])
    for text in ("@STRASSE fix", "@Straße fix", "@женя fix", "@JOSÉ fix"):
        assert many.read(text).question == "fix"


def test_without_triggers_nothing_is_addressed():
    assert not Addressing([]).read("@buddy help").is_addressed
    assert not Addressing(["", " "]).read("").is_addressed


def test_a_mention_of_the_bot_addresses_it_and_is_cut_out_of_the_question():
    bot, evan = Mention("9", "Buddy Bot"), Mention("8", "Evan")
    comment = (bot, " ask ", evan, " to fix it")
    assert BUDDY.read(comment, "9") == Addressed(True, "ask @Evan to fix it", None)
    assert BUDDY.read(comment, "8") == Addressed(True, "@Buddy Bot ask to fix it", None)
    assert BUDDY.read(comment) == Addressed(False, "@Buddy Bot ask @Evan to fix it", None)
    assert BUDDY.read((bot, " ", bot, "help"), "9").command == "help"
    assert BUDDY.read(("hey ", bot, ", @buddy, fix it"), "9").question == "hey fix it"
    assert BUDDY.read(("fix it, ", bot), "9").question == "fix it"
    assert BUDDY.read((bot,), "9").command == "help"
    assert not BUDDY.read((evan, " fix it"), "9").is_addressed
    assert not BUDDY.read(()).is_addressed


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("@buddy help", "help"),
        ("@buddy", "help"),
        ("@buddy?!", "help"),
        ("@buddy …", "help"),
        ("@buddy HELP!", "help"),
        ("Help, @buddy!", "help"),
        ("@buddy usage?", "usage"),
        ("@buddy 'stop'.", "stop"),
        ("stop @buddy", "stop"),
        ("@buddy\nresume", "resume"),
        ("@buddy :help", "help"),
        ("＠ｂｕｄｄｙ ＨＥＬＰ", "help"),
        ("@buddy help me choose a colour", None),
        ("@buddy don't stop", None),
        ("@buddy stopp", None),
        ("@buddy 👀", None),
        ("@buddy build", "build"),
        ("@buddy Build!", "build"),
        ("@buddy build this frame.", "build"),
        ("@buddy build it", "build"),
        ("@buddy build PayButton", "build"),
        ("@buddy build “Pay button”", "build"),
        ('@buddy build "Pay button".', "build"),
        ("@buddy build trust with a calmer red", "build"),
        ("@buddy build <b>x</b><img src=x>", "build"),
        ("@buddy build-up of greys?", None),
        ("@buddy build’s here", None),
        ("@buddy how do we build this?", None),
        ("@buddy build 2 of these", "build"),
        ("@buddy rebuild", None),
        ("@buddy good", "good"),
        ("Good! @buddy", "good"),
        ("@buddy good, thanks", "good"),
        ("@buddy bad", "bad"),
        ("@buddy bad: the grey is our brand", "bad"),
        ("@buddy Bad the grey is our brand", "bad"),
        ("@buddy bad contrast here?", None),
        ("@buddy good contrast", None),
        ("@buddy badly set", None),
        ("@buddy goodness", None),
    ],
)
def test_a_command_is_the_whole_question(text, command):
    addressed = BUDDY.read(text)
    assert addressed.is_addressed
    assert addressed.command == command


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("build", ""),
        ("build this component", ""),
        ("Build the card!", ""),
        ("build PayButton", "PayButton"),
        ("build pay-button.", "pay-button"),
        ("build «Pay button»", "Pay button"),
        ("build Größe_2", "Größe_2"),
        ("build trust with a calmer red", None),
        ("build <b>x</b>", None),
    ],
)
def test_a_build_may_name_its_component(question, name):
    assert build_name(question) == name


@settings(deadline=None)
@given(TEXTS, TRIGGERS)
@example("e!\u0301", ["!", "é"])
def test_a_defused_text_never_addresses_the_buddy(text, triggers):
    addressing = Addressing(triggers)
    defused = addressing.defuse(text)
    assert not addressing.read(defused).is_addressed
    assert addressing.defuse(defused) == defused


@settings(deadline=None)
@given(TEXTS)
def test_reading_any_text_gives_a_question_without_edges(text):
    addressed = BUDDY.read(text)
    assert addressed.question == addressed.question.strip()


def test_defusing_changes_little_and_so_that_it_shows():
    assert BUDDY.defuse("Write @buddy help.") == "Write buddy help."
    assert BUDDY.defuse("Ask a buddy.") == "Ask a buddy."
    many = Addressing(["buddy", "ask ai", "!b", "🤖", "!"])
    assert many.defuse("Ask AI, or your Buddy") == "A-sk AI, or your B-uddy"
    assert many.defuse("Hey !b 🤖 ! go") == "Hey b   go"


def test_what_has_the_form_of_a_reply_addresses_nobody_whoever_wrote_it():
    many = Addressing(["buddy", "@buddy", "助手"])
    for name in ("Buddy", "@buddy", "助手", "Somebody else's"):
        assert not many.read(f" ✦ {name}\n\nAsk @buddy.\n\n2 left · ref 7K2M9QX4TA ").is_addressed
        assert not many.read(
            (f"✦ {name}\n", Mention("9", "b"), "\nref 7K2M9QX4TA"), "9"
        ).is_addressed
    assert not many.read("✦ Buddy\n\nAsk @b\u2060uddy.\n\nr\u2060ef 7K2M9QX4TA").is_addressed
    for text in ("✦ @buddy look", "✦ idea\n@buddy?", "Look:\n✦ Buddy\n@buddy\nref 7K2M9QX4TA"):
        assert many.read(text).is_addressed


def test_own_replies_are_known_by_their_beginning():
    marker = reply_marker(" Buddy \n")
    assert marker == "✦ Buddy"
    assert is_marked("\n ✦ Buddy\n\nFine.", marker)
    assert is_marked("✦ B\u2060uddy\n\nFine.", marker)
    assert not is_marked("Look: ✦ Buddy", marker)


@pytest.mark.parametrize("part", [" ", "@buddy,", "@buddy ", "@", "@buddy.", "@buddy\n \n"])
def test_a_text_of_full_length_that_is_nothing_but_filling_asks_nothing(part):
    text = "@buddy " + part * (20_000 // len(part)) + " fix it"
    assert BUDDY.read(text).question.endswith("fix it")
    assert not BUDDY.read(BUDDY.defuse(text)).is_addressed
