"""Names for code from a stranger's words: letters and digits alone, and nothing that the language
has."""

import re
import unicodedata
from collections.abc import Container

RESERVED = {
    *[
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "debugger",
        "default",
        "delete",
        "do",
        "else",
        "enum",
        "export",
        "extends",
    ],
    *[
        "false",
        "finally",
        "for",
        "function",
        "if",
        "import",
        "in",
        "instanceof",
        "new",
        "null",
        "return",
        "super",
        "switch",
        "this",
        "throw",
    ],
    *[
        "true",
        "try",
        "typeof",
        "var",
        "void",
        "while",
        "with",
        "yield",
        "let",
        "static",
        "implements",
        "interface",
        "package",
        "private",
    ],
    *[
        "protected",
        "public",
        "await",
        "async",
        "of",
        "any",
        "unknown",
        "never",
        "string",
        "number",
        "boolean",
        "object",
        "symbol",
    ],
    *[
        "undefined",
        "NaN",
        "Infinity",
        "arguments",
        "eval",
        "globalThis",
        "window",
        "document",
        "constructor",
        "prototype",
    ],
}
# Names that React, or the generated file, gives a meaning.
TAKEN = {
    *[
        "key",
        "ref",
        "children",
        "className",
        "style",
        "dangerouslySetInnerHTML",
        "disabled",
        "onClick",
        "node",
        "props",
    ],
    *[
        "cva",
        "cx",
        "React",
        "ReactNode",
        "VariantProps",
        "Fragment",
        "Array",
        "Object",
        "String",
        "Number",
        "Boolean",
        "Symbol",
    ],
    *[
        "Error",
        "Function",
        "Date",
        "Map",
        "Set",
        "Promise",
        "Proxy",
        "Reflect",
        "JSON",
        "Math",
        "Image",
        "Text",
        "Event",
        "Node",
    ],
    # A story imports the first two; on a Mac and on Windows the others are files beside it.
    *["Meta", "StoryObj", "Types", "Assets"],
}


def words(name: str) -> list[str]:
    """The words of a name in plain Latin letters: accents go, other scripts have none."""
    flat = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", flat)
    return re.findall(r"[A-Za-z0-9]+", spaced)[:6]


def pascal(name: str, fallback: str = "Component") -> str:
    """``PascalCase``, at most 40 letters, never a reserved word."""
    made = "".join(
        each[:1].upper() + each[1:].lower() if each.isupper() else each[:1].upper() + each[1:]
        for each in words(name)
    )[:40]
    if not made or not made[0].isalpha():
        made = f"{fallback}{made}"[:40]
    return f"{made}Part" if made in RESERVED | TAKEN else made


def camel(name: str, fallback: str = "prop") -> str:
    """``camelCase``, at most 40 letters, never a reserved word."""
    made = pascal(name, fallback.capitalize())
    made = made[:1].lower() + made[1:]
    return f"{made}Value" if made in RESERVED | TAKEN else made


def kebab(name: str) -> str:
    """``kebab-case``, at most 40 letters; "" where no Latin letter or digit is left."""
    return "-".join(each.lower() for each in words(name))[:40].strip("-")


def distinct(name: str, taken: Container[str], joint: str = "") -> str:
    """The name, with the first number that makes it new."""
    if name not in taken:
        return name
    number = 2
    while f"{name}{joint}{number}" in taken:
        number += 1
    return f"{name}{joint}{number}"
