"""What an operator's password must be: long, and nothing that people guess first.

After NIST SP 800-63B-4 (https://pages.nist.gov/800-63-4/sp800-63b.html#password), which asks for 15
characters of a password that stands alone and 8 beside a second factor: 12 here, because founders
decide whether a second factor is asked for (``DASHBOARD_REQUIRE_MFA``). As it says, there is no
rule about kinds of characters; what is expected, commonly used or about this very person and
product is refused. Such a password is nearly always a common word or a row of keys with something
counted behind it. So not whole passwords are listed but what they are made of: whatever is left
without it has to be long enough.
"""

import re
import unicodedata

LEAST = 12
# GoTrue keeps bcrypt hashes, and bcrypt reads no more bytes.
MOST_BYTES = 72
# So many characters must be left without the parts that everybody guesses.
LEAST_OF_ONES_OWN = 5

_WORDS = """
    abc access account admin administrator amanda andrew angel anthony apple april ashley august
    autumn baby banana baseball basketball batman blink buddy buster butterfly changeme charlie
    chelsea chocolate computer cookie daniel dashboard december default demo diamond dragon eagle
    easter everton ferrari figma flower football forever freedom friday friend george ginger google
    guest hannah harley hello hockey hunter iloveyou internet january jennifer jessica jordan
    joshua july june killer letmein liverpool login london love lovely maggie manchester marvin
    master matrix matthew mercedes merlin michael michelle midnight mine minecraft monday money
    monkey mother mustang naruto nicole november october office operator orange pass passphrase
    passwd password password1 pepper pokemon princess private purple qwerty qwertz ranger robert
    root samantha samsung saturday secret september shadow silver slipknot snoopy soccer spiderman
    spring starwars stella streamlit summer sunday sunshine supabase super superman support sweet
    system temp test thomas thunder thursday tigger trustno user welcome whatever william winter
    wizard wolf world yankees yellow zaq
"""
_ROWS = (
    *("qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm"),
    *("1qaz2wsx3edc4rfv5tgb6yhn", "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhn"),
    *("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "!@#$%^&*()"),
)
_LETTERS_FOR = str.maketrans("013457@$!", "oleastasi")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")


def weakness(password: str, *, email: str = "") -> str:
    """Why this password is not taken, as a sentence for whoever chose it; empty: it is."""
    password = unicodedata.normalize("NFKC", password)
    if len(password) < LEAST:
        return f"Choose at least {LEAST} characters. Several words with spaces are fine."
    if len(password.encode()) > MOST_BYTES:
        return f"Choose a shorter one: of more than {MOST_BYTES} letters the rest would not count."
    if _ones_own(password.casefold(), email.casefold()) < LEAST_OF_ONES_OWN:
        return (
            "This is easy to guess: it is made of what people choose most often. Choose several "
            "words that have nothing to do with one another, or let a password manager make one."
        )
    return ""


def _ones_own(password: str, email: str) -> int:
    """How many characters are left without what everybody guesses."""
    about = [part for part in re.split(r"[^\w]+|_", email) if len(part) > 2]
    parts = sorted({*_WORDS.split(), *about}, key=len, reverse=True)
    found = re.compile("|".join(map(re.escape, parts)))
    least = len(password)
    plain = _YEAR.sub(" ", _without_rows(password))
    for text in (plain, plain.translate(_LETTERS_FOR)):
        rest = found.sub(" ", text)
        # A part that is repeated is guessed once.
        once = re.sub(r"(.+?)\1+", r"\1", re.sub(r"\s+", "", rest))
        least = min(least, len(once))
    return least


def _without_rows(text: str) -> str:
    """Without four and more characters that stand beside one another on a keyboard or are counted,
    forwards or backwards."""
    kept, place = "", 0
    while place < len(text):
        length = _row_at(text, place)
        kept += " " if length >= 4 else text[place]
        place += length if length >= 4 else 1
    return kept


def _row_at(text: str, place: int) -> int:
    """How many characters from here are a row of keys."""
    lengths = [0]
    for row in (*_ROWS, *(each[::-1] for each in _ROWS)):
        length = 0
        while place + length < len(text) and text[place : place + length + 1] in row:
            length += 1
        lengths.append(length)
    return max(lengths)
