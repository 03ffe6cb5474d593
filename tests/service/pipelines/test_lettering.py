"""Texts: runs, lists, directions, limits."""

from service.pipelines.spec.lettering import is_right_to_left, link, set_text
from tests.service.pipelines.fixtures.layers import solid, words
from tests.service.pipelines.reading import css, in_column, named


def test_runs_are_what_differs() -> None:
    node = words("plain bold link")
    node["characterStyleOverrides"] = [0] * 6 + [1] * 4 + [0] + [2] * 4
    node["styleOverrideTable"] = {
        "1": {"fontWeight": 700},
        "2": {
            "hyperlink": {"type": "URL", "url": "https://a.example"},
            "fills": [solid("#0000ff")],
        },
    }
    runs = set_text(node).paragraphs[0].runs
    assert [(run.text, run.tag) for run in runs] == [
        ("plain ", ""), ("bold", "strong"), (" ", ""), ("link", "a"),
    ]  # fmt: skip
    assert runs[3].href == "https://a.example"
    assert runs[3].declarations[0].value == "#0000ff"


def test_runs_are_counted_in_utf_16() -> None:
    node = words("😀 bold")
    node["characterStyleOverrides"] = [0, 0, 0, 1, 1, 1, 1]
    node["styleOverrideTable"] = {"1": {"fontWeight": 700}}
    assert [run.text for run in set_text(node).paragraphs[0].runs] == ["😀 ", "bold"]


def test_lists_have_items() -> None:
    node = words("Intro\nOne\nTwo")
    node["lineTypes"] = ["NONE", "UNORDERED", "UNORDERED"]
    text = set_text(node)
    assert [paragraph.list for paragraph in text.paragraphs] == ["", "ul", "ul"]
    assert text.plain == "Intro\nOne\nTwo"


def test_only_safe_links_are_kept() -> None:
    for url in ("javascript:alert(1)", "data:text/html,x", 'https://a.example/"onclick=', " "):
        assert link({"hyperlink": {"type": "URL", "url": url}}) == ""
    assert link({"hyperlink": {"type": "URL", "url": "mailto:a@b.example"}})


def test_the_first_strong_letter_decides_the_direction() -> None:
    assert is_right_to_left("123 مرحبا")
    assert not is_right_to_left("Hello مرحبا")
    element = named(in_column(words("שלום", name="A", style={"textAlignHorizontal": "LEFT"})), "A")
    assert element.attribute("dir") == "rtl"
    assert css(element)["text-align"] == "left"


def test_capitals_are_a_style_and_not_other_letters() -> None:
    element = named(in_column(words("Words", style={"textCase": "UPPER"})), "Words")
    assert css(element)["text-transform"] == "uppercase"
    assert element.texts[0].plain == "Words"


def test_a_cut_text_says_after_how_many_lines() -> None:
    style = {"maxLines": 3, "textTruncation": "ENDING"}
    assert css(named(in_column(words("A", style=style)), "A"))["line-clamp"] == "3"


def test_letter_spacing_grows_with_the_letters() -> None:
    style = {"letterSpacing": -0.4}
    assert css(named(in_column(words("A", 20, style=style)), "A"))["letter-spacing"] == "-0.02em"


def test_line_separators_are_line_breaks() -> None:
    element = named(in_column(words("One\u2028Two", name="A")), "A")
    assert element.texts[0].plain == "One\nTwo"
    assert css(element)["white-space"] == "pre-wrap"


def test_letters_that_no_page_can_hold_are_replaced() -> None:
    assert named(in_column(words("a\ud800b\x00", name="A")), "A").texts[0].plain == "a\ufffdb\ufffd"


def test_a_gradient_runs_through_the_letters() -> None:
    paint = {
        "type": "GRADIENT_LINEAR",
        "gradientHandlePositions": [{"x": 0, "y": 0.5}, {"x": 1, "y": 0.5}],
        "gradientStops": [
            {"position": at, "color": {"r": at, "g": 0, "b": 0, "a": 1}} for at in (0, 1)
        ],
    }
    found = css(named(in_column(words("A", fills=[paint])), "A"))
    assert (found["background-clip"], found["color"]) == ("text", "transparent")
