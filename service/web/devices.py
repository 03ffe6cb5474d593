"""A browser's own description in a few words that its owner recognises: "Firefox on Windows".

It is coarse on purpose: versions change every month, and more detail would identify people.
"""

import re

# The first match is used. Most browsers also call themselves Chrome and Safari.
# https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/Browser_detection_using_the_user_agent
_PROGRAMS = (
    (r"Figma/", "Figma app"),
    (r"Edg(?:e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"Vivaldi/", "Vivaldi"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/|Chromium/", "Chrome"),
    (r"Version/.* Safari/", "Safari"),
)
_SYSTEMS = (
    (r"iPhone|iPod", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"\bCrOS\b", "ChromeOS"),
    (r"Linux|X11", "Linux"),
)
_MOST_READ = 1000


def describe_device(user_agent: str) -> str:
    """ "Safari on iPhone", one half of it, or "" if nothing is known."""
    text = user_agent[:_MOST_READ]
    return " on ".join(filter(None, (_first(_PROGRAMS, text), _first(_SYSTEMS, text))))


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for pattern, name in known if re.search(pattern, text)), "")
