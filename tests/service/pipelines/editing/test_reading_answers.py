"""Fenced blocks with paths, as different models write them; and TSX that is none."""

import json

import pytest

from service.pipelines.editing.edit_answers import files_in
from service.pipelines.editing.edit_rules import Refused
from service.pipelines.editing.tsx_tree import Unreadable, read_tsx

OWN = ("Card.tsx", "types.ts")
BODY = "const a = 1;"


@pytest.mark.parametrize(
    "text",
    [
        f"File: Card.tsx\n```tsx\n{BODY}\n```",
        f"### Card.tsx\n\n```tsx\n{BODY}\n```",
        f"**`Card.tsx`**:\n```typescript\n{BODY}\n```\nDone.",
        f"```tsx Card.tsx\n{BODY}\n```",
        f'```tsx title="Card.tsx"\n{BODY}\n```',
        f"```tsx\n// Card.tsx\n{BODY}\n```",
        f"````tsx Card.tsx\n{BODY}\n````",
        f"File: Card.tsx\r\n```tsx\r\n{BODY}\r\n```\r\n",
        f"For example:\n```css\na {{}}\n```\nFile: Card.tsx\n```tsx\n{BODY}\n```",
    ],
)
def test_files_are_found_however_their_path_is_told(text: str) -> None:
    assert files_in(text, OWN) == {"Card.tsx": f"{BODY}\n"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_files"), ("Sure!", "no_files"), ("```tsx\nconst a = 1;\n```", "no_files"),
        ("File: Card.tsx\n```tsx\nconst a", "unclosed_block"),
        ("File: ../Card.tsx\n```tsx\n```", "foreign_path"),
        ("File: ../x\n```tsx\n```", "foreign_path"),
        ("File: /etc/passwd\n```\n```", "foreign_path"),
        ("File: a\\Card.tsx\n```tsx\n```", "foreign_path"),
        ("File: Card.test.tsx\n```tsx\n```", "foreign_path"),
        ("File: theme.css\n```css\n```", "foreign_path"),
        ("File: tokens.json\n```json\n```", "foreign_path"),
        ("File: card.tsx\n```tsx\n```", "foreign_path"),
        ("```tsx Card.tsx\n```\n```tsx Card.tsx\n```", "doubled_path"),
        ("File: Card.tsx\n```tsx\n" + "x" * 200_000 + "\n```", "too_long"),
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        files_in(text, OWN)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        "const a = (", "const a = )", "const a = `b`;", "const é = 1;", 'const a = "b',
        "const a = 'b\n'", 'const a = "\\q";', "return <a", "return <a>", "return <a></b>;",
        "return <a b=c />;", "return <a b='&quot;' />;", "return <a>&lt;</a>;", "return <a>}</a>;",
        "return <a>\u00a0b</a>;",
        "return <a {...b} />;", "return <a b='1' b='2' />;", "@decorated", "#private",
        "return " + "<a>" * 500 + "</a>" * 500, "const a = \u2028 1;", "const a =\u00a01;", "([)]",
    ],
)  # fmt: skip
def test_what_is_not_known_cannot_be_read(text: str) -> None:
    with pytest.raises(Unreadable):
        read_tsx(text)


@pytest.mark.parametrize(
    ("bare", "said"),
    [
        ("words", "words"), (" one  two ", " one  two "), ("\n  one\n    two\n  ", "one two"),
        ("\n  // no comment\n", "// no comment"), ("\n\t\n", ""), (" ", " "), ("\n one ", "one "),
        ("it's \"so\"", "it's \"so\""), ("\u5408\u5531", "\u5408\u5531"),
    ],
)  # fmt: skip
def test_bare_words_are_what_a_page_shows_of_them(bare: str, said: str) -> None:
    """https://facebook.github.io/jsx/#prod-JSXText"""
    wanted = read_tsx(f"return <a>{{{json.dumps(said)}}}</a>;" if said else "return <a></a>;")
    assert read_tsx(f"return <a>{bare}</a>;") == wanted
