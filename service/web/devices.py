"""What a browser says it is, in a few words that its owner knows it by: "Firefox on Windows".

Coarse on purpose: versions change with every month, and more than this tells people apart.
"""

import re

# The first that is found. Most of them call themselves Chrome and Safari as well.
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
    """ "Safari on iPhone", one half of it, or "" for what is not known."""
    text = user_agent[:_MOST_READ]
    return " on ".join(filter(None, (_first(_PROGRAMS, text), _first(_SYSTEMS, text))))


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for pattern, name in known if re.search(pattern, text)), "")
