"""What counts as an address, and which addresses are the same."""

import pytest
from hypothesis import given
from hypothesis.provisional import domains

from service.figma.addresses import address_key, address_keys, addresses_in, find_addresses


def found_in(text: str) -> list[str]:
    return [each.text for each in find_addresses(text)]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("See https://x.example/a_(b)?c=d#e. Then", ["https://x.example/a_(b)?c=d#e"]),
        ("(http://x.example/), [t](ftp://y.example)", ["http://x.example/", "ftp://y.example"]),
        ("figma://file/1 hxxp://x vscode://y", ["figma://file/1", "hxxp://x", "vscode://y"]),
        ("https：／／x．example/", ["https：／／x．example/"]),
        ("https:x.example javascript:alert(1)", ["https:x.example", "javascript:alert(1)"]),
        ("http://user:pass@x.example:80/", ["http://user:pass@x.example:80/"]),
        (
            "mailto:a@x.example tel:+46123 data:text/html,x",
            ["mailto:a@x.example", "tel:+46123", "data:text/html,x"],
        ),
        ("me.too+it@mail.x.example, é@ü.example", ["me.too+it@mail.x.example", "é@ü.example"]),
        ("www.x.anything evil.com bit.ly/x?y", ["www.x.anything", "evil.com", "bit.ly/x?y"]),
        ("请看evil.com吧，https://x.example/路。好", ["evil.com", "https://x.example/路"]),
        (
            "bücher.de пример.рф xn--e1afmkfd.xn--p1ai 例子.中国",
            ["bücher.de", "пример.рф", "xn--e1afmkfd.xn--p1ai", "例子.中国"],
        ),
        (
            "10.0.0.1 192.168.1.1:8080/x localhost:3000",
            ["10.0.0.1", "192.168.1.1:8080/x", "localhost:3000"],
        ),
        ("2001:db8::1 and [::1] ok", ["2001:db8::1", "[::1]"]),
        ("EVIL.COM/X, Https://X.Example", ["EVIL.COM/X", "Https://X.Example"]),
        ("//evil.com/x", ["evil.com/x"]),
        # Whatever it has grown together with.
        (
            "xxhttps://x.example _1http://x ｂhttp://x",
            ["xxhttps://x.example", "_1http://x", "http://x"],
        ),
        ("a" * 99 + "://x", ["a" * 99 + "://x"]),
    ],
)
def test_addresses_are_found_without_what_stands_round_them(text, addresses):
    assert found_in(text) == addresses


@pytest.mark.parametrize(
    "text",
    [
        "16px/24px and/or 1.5x 4.5:1 16:9 10:30 10:30:15 v2.0 2.0.1-beta 1,234.56 $12.50",
        "e.g. i.e. a.m. U.S. etc. vs. No.5 Fig.1 p.12 Inc. …",
        "Button.primary Card.hover.dark colors.primary.500 spacing.lg .btn a:hover ::before std::x",
        "icon.svg next.js node.js index.html styles.scss tokens.json photo.PNG font.woff2",
        "icon@2x.png logo@3x hero@1.5x.jpg @media @2x",
        "WCAG 1.4.11, SC 2.5.8 (1:23) I5:6;1:2 rgba(0,0,0,.5) http https: Note:this key:value",
        "Looks good.Very nice...well",
    ],
)
def test_words_of_design_are_no_addresses(text):
    assert found_in(text) == []


@pytest.mark.parametrize(
    "text", ["Toast.info", "README.md", "logo.ai/x", "color.red", "good.It", "x.example"]
)
def test_what_may_be_something_else_is_vague(text):
    (found,) = find_addresses(f"the {text} there")
    assert (found.text, found.kind, found.is_vague) == (text, "name", True)


@given(domains())
def test_no_top_level_domain_is_missing(domain):
    assert found_in(f"see {domain} now") == [domain]


def test_two_spellings_of_an_address_are_one():
    same = ("https://X.example/A/", "http://x.example/A", "x.example/A", "x．example/A.")
    assert {address_key(each) for each in same} == {"x.example/A"}
    assert address_key("https://x.example/a") != address_key("https://x.example/A")
    assert address_key("mailto:Me@x.example") == "me@x.example"


def test_of_known_addresses_the_host_may_be_named_and_nothing_may_call_anybody():
    known = addresses_in(["See https://x.example/a?b and https://y.example/@buddy", "me@z.example"])
    assert len(known) == 3
    assert address_keys(known) == {"x.example/a?b", "x.example", "me@z.example"}
    assert address_keys(["https://y.example/%40buddy", ""]) == frozenset()
