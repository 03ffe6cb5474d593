"""Traces of layers in a candidate, and the files without them."""

import re
from collections.abc import Mapping

_STRING = r'"(?:[^"\\\n]|\\.)*"'
_OWN = re.compile(rf'\s+data-node=(?:"[^"{{}}<>]*"|\{{{_STRING}\}})')
# Parts get the ids of all their layers.
_TAKEN = re.compile(r"\s+data-node=\{nodes\[\d+\]\}")
_GIVEN = re.compile(rf"\s+nodes=\{{\[(?:\s*{_STRING}\s*,?)*\s*\]\}}")
_PARAMETERS = re.compile(r"(function \w+\()\{([^{}]*)\}: \{([^{}]*)\}\)")


def without_traces(files: Mapping[str, str]) -> dict[str, str]:
    """The files as they are delivered: no ``data-node``, and no ``nodes`` handed to parts.

    A part whose ``nodes`` are used in a way that is not ours keeps them, as a whole.
    """
    return {path: _bare(text) if path.endswith(".tsx") else text for path, text in files.items()}


def _bare(text: str) -> str:
    bare = _OWN.sub("", text)
    without_nodes = _PARAMETERS.sub(_without_nodes, _GIVEN.sub("", _TAKEN.sub("", bare)))
    told = re.sub(_STRING, '""', without_nodes)
    return bare if re.search(r"\bnodes\b", told) else without_nodes


def _without_nodes(found: re.Match[str]) -> str:
    names = [each.strip() for each in found[2].split(",") if each.strip() not in ("", "nodes")]
    types = [
        each.strip() for each in found[3].split(";") if each.strip() not in ("", "nodes: string[]")
    ]
    if not names and not types:
        return f"{found[1]})"
    return f"{found[1]}{{ {', '.join(names)} }}: {{ {'; '.join(types)} }})"
