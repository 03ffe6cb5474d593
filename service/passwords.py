"""What an operator's password must be: long, and nothing that people guess first.

After NIST SP 800-63B-4 (https://pages.nist.gov/800-63-4/sp800-63b.html#password), which asks for 15
characters of a password that stands alone and 8 beside a second factor: 12 here, because founders
decide whether a second factor is asked for (``DASHBOARD_REQUIRE_MFA``). As it says, there is no
rule about kinds of characters; what is commonly used, expected, or about this very person and
product is refused. How many guesses that takes is what zxcvbn computes
(https://www.usenix.org/conference/usenixsecurity16/technical-sessions/presentation/wheeler), from
lists of 30,000 passwords that leaked, of names and of words, and from rows of keys, repetitions
and dates.
"""

import re
import unicodedata

from zxcvbn import zxcvbn

LEAST = 12
# GoTrue keeps bcrypt hashes, and bcrypt reads no more bytes.
MOST_BYTES = 72
# The best of zxcvbn's grades, 0 to 4: ten billion guesses and more, which hold out against
# somebody who has the hashes.
LEAST_GRADE = 4
_ABOUT_THE_PRODUCT = ("figma", "buddy", "dashboard", "supabase", "streamlit")


def weakness(password: str, *, email: str = "") -> str:
    """Why this password is not taken, as a sentence for whoever chose it; empty: it is."""
    password = unicodedata.normalize("NFKC", password)
    if len(password) < LEAST:
        return f"Choose at least {LEAST} characters. Several words with spaces are fine."
    if len(password.encode()) > MOST_BYTES:
        return f"Choose a shorter one: of more than {MOST_BYTES} letters the rest would not count."
    if zxcvbn(password, user_inputs=_about(email))["score"] < LEAST_GRADE:
        return (
            "This is easy to guess: it is made of what people choose most often. Choose several "
            "words that have nothing to do with one another, or let a password manager make one."
        )
    return ""


def _about(email: str) -> list[str]:
    """What everybody would try first who knows whose password this is, and what it opens."""
    email = email.casefold()
    about = [*email.split("@"), *re.findall(r"[^\W_]+", email)]
    return [*filter(None, about), *_ABOUT_THE_PRODUCT]
