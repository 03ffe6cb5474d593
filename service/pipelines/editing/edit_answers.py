"""Files in a model's answer: fenced blocks, each with its path.

Any provider can write these, and code needs no escapes in them. A path may stand in the line before
the block, behind the block's language, or in a comment in its first line.
"""

import re
from collections.abc import Collection, Iterator

from service.pipelines.editing.edit_rules import Refused

# Twice what the largest component that is sent has.
MAX_ANSWER_CHARS = 150_000
_LONGEST_LINE = 200
_FENCE = re.compile(r"^ {0,3}(`{3,})([^`]*)$")
# With a slash anything is one.
_PATH = re.compile(r"[\w.\\-]*[/\\][\w./\\-]*|[\w-][\w.-]*\.[A-Za-z]{1,5}\b")
_COMMENT = re.compile(r"^\s*(?://|/\*)\s*(?:file:\s*)?([\w./\\-]+\.tsx?)\s*(?:\*/)?\s*$", re.I)


def files_in(text: str, allowed: Collection[str]) -> dict[str, str]:
    """The files of an answer by path. Raises Refused if there are none, if one has no end, or if
    one has another path than is allowed."""
    if len(text) > MAX_ANSWER_CHARS:
        raise Refused("too_long", "The answer is far too long. Write the changed files alone.")
    found: dict[str, str] = {}
    before = ""
    # Not every letter that ends a line elsewhere ends one in code.
    lines = iter(text.replace("\r\n", "\n").split("\n"))
    for line in lines:
        fence = _FENCE.match(line)
        if fence is None:
            before = line if line.strip() else before
            continue
        block = _block(lines, fence[1])
        path = _path_in(fence[2]) or _path_in(before)
        if not path and block and (said := _COMMENT.match(block[0])):
            path, block = said[1], block[1:]
        before = ""
        if not path:
            continue
        if path not in allowed:
            raise Refused("foreign_path", f"{path[:80]} is no file that may be changed.")
        if path in found:
            raise Refused("doubled_path", f"{path} stands in the answer twice.")
        found[path] = "\n".join(block) + "\n"
    if not found:
        raise Refused("no_files", "The answer has no file in a fenced block with its path.")
    return found


def _block(lines: Iterator[str], mark: str) -> list[str]:
    block: list[str] = []
    for line in lines:
        end = _FENCE.match(line)
        if end and len(end[1]) >= len(mark) and not end[2].strip():
            return block
        block.append(line)
    raise Refused("unclosed_block", "A fenced block has no end.")


def _path_in(words: str) -> str:
    """The path in "File: Card.tsx", "### `Card.tsx`", 'tsx title="Card.tsx"'; "" if there is
    none."""
    if len(words) > _LONGEST_LINE or len(words.split()) > 3:
        return ""
    found = [each[0] for each in _PATH.finditer(words)]
    return found[-1] if found else ""
