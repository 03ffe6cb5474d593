"""Markdown and HTML as the words they hold; the words of design as they are."""

import pytest

from service.figma.plain_text import decode_entities, without_markup


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("**Bold**, *slanted*, __both__ and _one_", "Bold, slanted, both and one"),
        ("***all*** of ~~it~~ `now`", "all of it now"),
        ("un**usual** and left ** alone", "unusual and left ** alone"),
        ("## Contrast\nToo low", "Contrast\nToo low"),
        ("Contrast\n========\nToo low", "Contrast\nToo low"),
        ("Above\n\n---\n\nBelow\n***\nEnd", "Above\n\nBelow\nEnd"),
        ("* one\n  + two\n- three\n1. four", "- one\n  - two\n- three\n1. four"),
        ("- [ ] open\n- [x] done", "- open\n- done"),
        ("> quoted\n> > twice", "quoted\ntwice"),
        ("```css\na { b: c }\n```\nDone", "a { b: c }\nDone"),
        ("Don`t", "Don't"),
        ("| a | b |\n|---|:-:|\n| 1 | 2 |", "a · b\n1 · 2"),
        ("a | b\n--- | ---\n1 | 2", "a · b\n1 · 2"),
        ("[our page](https://a.example/b_(c)) ok", "our page (https://a.example/b_(c)) ok"),
        ('[x](<https://a.example> "Title")', "x (https://a.example)"),
        ("[https://a.example](https://a.example)", "https://a.example"),
        ("![a picture](https://a.example/p.png)!", "a picture!"),
        ("See [it][1].\n\n[1]: https://a.example 'T'", "See it."),
        ("So[^1].\n[^1]: Why", "So.\n Why"),
        (r"\*plain\* and C:\Users", "*plain* and C:\\Users"),
        ("<p>One</p><p>Two<br/>Three</p>", "One\n\nTwo\nThree"),
        ("<ul><li>One</li><li>Two</li></ul>", "- One\n- Two"),
        ('<a href="https://a.example">here</a> <img src=x onerror=y>', "here"),
        ("<script>alert(1)</script><!-- not\nseen -->ok<!doctype html>", "ok"),
        (
            "Use a <button>, not an <a> or <Card.Header>",
            "Use a ‹button›, not an ‹a› or ‹Card.Header›",
        ),
        ("<Button type='x'>Save</Button>", "‹Button›Save"),
        ("<https://a.example/x> <me@a.example>", "https://a.example/x me@a.example"),
        ("open <img src=x", "open ‹img src=x"),
    ],
)
def test_markup_becomes_words(written, read):
    assert without_markup(written) == read


@pytest.mark.parametrize(
    "text",
    [
        "16px/24px and/or 4.5:1, 1.5x, 5*7, w*h, 2 ** 8 = 256",
        "*.svg and *.png; card__title--large, _base/Button, snake_case_name",
        "#1 uses #fff, C# and #Header; ~16px",
        "a < b, c > d, <3, 3 <= 4, x -> y => z",
        "> 4.5:1 is what WCAG asks for\n+ 24px\n-10px",
        "[Component] Button (1:23), Array[0], [Icon] 🔒",
        "Toast | Card / Hover — “now” · £5 & more; R&D",
        "- one\n- two\n  - three\n\n1. four\n2) five",
        "Line one -- line two --- three",
    ],
)
def test_words_of_design_are_no_markup(text):
    assert without_markup(text) == text
    assert decode_entities(text) == text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("&lt;b&gt; &amp; &#64;x &#x40;x &commat;x", "<b> & @x @x @x"),
        ("&amp;amp;amp;lt;", "<"),
        ("&#38;#x26;amp;#64;", "@"),
        ("a?b=1&copy=2&amp;reg=3", "a?b=1&copy=2&reg=3"),
        ("&unknownthing;", "&unknownthing;"),
    ],
)
def test_entities_become_what_they_stand_for(written, read):
    assert decode_entities(written) == read
