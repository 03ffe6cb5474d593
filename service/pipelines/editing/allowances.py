"""What a model may use: tags, roles, labels, names, classes. All else it has to leave alone."""

import re

BOXES = frozenset(
    {"div", "section", "article", "aside", "header", "footer", "main", "nav", "figure"}
    | {"ul", "ol", "li"}
)
TEXTS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "li"})
GROUPS = BOXES - {"main", "div"}
# Where a group may stand: not in what is a table by its role, nor in texts, controls and drawings.
MAY_HOLD = BOXES | {"form", ""}
ROLES = frozenset({"group", "list", "note", "region", "search", "status"})
CURRENT = frozenset({"page", "step", "true"})
LABELS = ("aria-label", "alt")
ADDED = ("aria-label", "aria-current", "role")
LABEL_CHARS = 160
# Nothing that is an address, calls somebody, is a tag or code, or cannot be seen: whoever drew the
# design may have asked for it. Held against a label in its compatibility form (NFKC) as well.
_HIDDEN = (
    r"\x00-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff"
    r"\ue000-\uf8ff\U000e0000-\U0010ffff"
)
_ADDRESS = (
    r"//|javascript:|data:\w+/|\bwww\.|\b[\w-]{2,}\.[a-z]{2,}\b|\b\d{1,3}(?:\.\d{1,3}){3}\b"
    r"|\[[0-9a-f:]+\]"
)
NO_LABEL = re.compile(
    rf"[<>{{}}`\\✦{_HIDDEN}]|{_ADDRESS}|@[\W_]*\w|&#?\w+;|\bref [0-9A-Z]{{10}}\b", re.I
)
PHRASING = frozenset({"a", "button", "label", "p", "span"} | {f"h{level}" for level in range(1, 7)})
FORBIDDEN = frozenset(
    {"eval", "fetch", "Function", "require", "process", "globalThis", "window", "document"}
    | {"dangerouslySetInnerHTML", "XMLHttpRequest", "WebSocket", "EventSource", "navigator"}
    | {"localStorage", "sessionStorage", "indexedDB", "constructor", "prototype", "__proto__"}
    | {"setTimeout", "setInterval", "Worker", "innerHTML", "srcDoc", "iframe", "script"}
)
NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,39}")
# Sizes and places on Tailwind's own scale: no values in brackets, no colours, nothing absolute.
_STEP = r"(?:\d{1,3}(?:\.(?:25|5|75))?|\d{1,2}/\d{1,2}|px|full|auto|fit|min|max|none)"
SIZES = re.compile(
    rf"(?:max-(?:xs|sm|md|lg|xl):)?(?:-?m[xytrbl]?|p[xytrbl]?|gap(?:-[xy])?|w|h|size|min-[wh]|max-[wh]|basis)-{_STEP}"
)
FLOWS = re.compile(
    r"(?:max-(?:xs|sm|md|lg|xl):)?(?:flex|flex-(?:1|none|col|row|wrap|nowrap)|grow|shrink|grow-0|shrink-0"
    r"|(?:items|self)-(?:start|center|end|stretch|baseline)"
    r"|justify-(?:start|center|end|between)|content-(?:start|center|end|between)"
    r"|text-(?:left|center|right|start|end|wrap|nowrap|balance)|whitespace-(?:normal|nowrap|pre-wrap)"
    r"|wrap-anywhere|break-words|overflow-hidden|overflow-x-auto|line-clamp-[1-9]|truncate"
    r"|leading-(?:\d{1,2}(?:\.5)?|none|tight|snug|normal|relaxed|loose)"
    r"|object-(?:cover|contain|fill|none))"
)
