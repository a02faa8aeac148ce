"""Passwords of local accounts: what may be one, and whether it is the right one.

Length counts, composition does not (NIST SP 800-63B-4, section 3.1.1.2; ASVS 6.2.1, 6.2.5, 6.2.9). Any Unicode is taken, in the form that
RFC 8265 calls OpaqueString, so that the same keys on another keyboard give the same password. Refused is what everybody tries first
(ASVS 6.2.4), and what is made of the person's or the body's own name (ASVS 6.2.11).
"""

import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

LEAST, MOST = 12, 256
#: What zxcvbn must say of a password, of 4: 3 is "safely unguessable, if it is hashed slowly".
GOOD = 3
#: zxcvbn looks at so many characters; a password that begins so well is no worse for what follows.
LOOKED_AT = 72
#: Shorter words would refuse too much: they stand inside others by chance.
SHORTEST_WORD = 4

#: Argon2id with 64 MiB, 3 passes, 4 lanes (RFC 9106, section 4, second recommended option).
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
_COMMON = frozenset(FREQUENCY_LISTS["passwords"])


def prepared(password: str) -> str:
    """The password as it is hashed (RFC 8265, section 4.2: spaces of any kind become U+0020, then NFC)."""
    return unicodedata.normalize("NFC", "".join(" " if unicodedata.category(char) == "Zs" else char for char in password))


def password_fault(password: str, context: Iterable[str]) -> str | None:
    """Why this cannot be a password, as a sentence that says what to do; None if it can. `context`: names that it must not be made of."""
    if len(password) > MOST:
        return f"Use at most {MOST} characters."
    words = prepared(password)
    if len(words) < LEAST:
        return f"Use at least {LEAST} characters. Four or five words that do not belong together are easy to keep in mind."
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in words):
        return "Take out characters that cannot be typed everywhere, such as tabulators."
    folded = _folded(words)
    found = next((word for word in _parts(context) if word in folded), None)
    if found is not None:
        return f"Do not use names of yourself, your body or the portal (here: {found}): whoever guesses begins with them."
    if folded in _COMMON or zxcvbn(words[:LOOKED_AT])["score"] < GOOD:
        return "This is among the first that others would try. Use four or five words that do not belong together."
    return None


def hashed(password: str) -> str:
    """What is kept instead of the password."""
    return _HASHER.hash(prepared(password))


def is_password(password: str, kept: str) -> bool:
    """Is this the password? Without one to compare with (`kept` is empty) the same work is done, in vain."""
    wanted = password if len(password) <= MOST else ""
    try:
        return _HASHER.verify(kept or _NOBODYS, prepared(wanted)) and bool(kept) and bool(wanted)
    except (VerificationError, InvalidHashError):
        return False


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _parts(context: Iterable[str]) -> list[str]:
    """The words that context is made of, folded, without the short ones."""
    spoken = "".join(char if char.isalnum() else " " for text in context for char in f"{_folded(text)} ")
    return [word for word in spoken.split() if len(word) >= SHORTEST_WORD]


#: Of a password that nobody has: to compare with it takes as long as with any other. Not made at each start, which it would delay.
_NOBODYS = f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}${'A' * 22}${'A' * 43}"
