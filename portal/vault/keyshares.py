"""A recovery identity in key shares: words to write down, any k of n of which give the identity back, and k - 1 of which tell nothing.

SLIP-39 with one group and no passphrase. What is shared is 34 bytes: version `01`, the kind of the identity, its 32 bytes; so each key
share has 35 words, and any tool that knows SLIP-39 gets the bytes back (docs/recovery.md). Nothing here is stored or logged, and no
failure repeats a word that was typed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.wordlist import WORD_INDEX_MAP

from portal.kernel.errors import Misconfigured
from portal.vault import bech32

#: Words of a key share, and the most there can be of one set.
WORDS, MOST = 35, 16
_VERSION = 1
#: The kinds of identity age has, by the byte that stands for each.
_KINDS = {1: "AGE-SECRET-KEY-", 2: "AGE-SECRET-KEY-PQ-"}
_WANTED = re.compile(r"([1-9][0-9]?)-of-([1-9][0-9]?)")


@dataclass(frozen=True, slots=True)
class Split:
    """Any `needed` of `made` key shares open."""

    needed: int
    made: int

    @classmethod
    def parse(cls, text: str) -> "Split":
        """Read `2-of-3`. `Misconfigured` for anything that is no such thing, 1-of-n included: that would be copies."""
        match = _WANTED.fullmatch(text)
        if match is None or not 2 <= int(match[1]) <= int(match[2]) <= MOST:
            raise Misconfigured(f"a split is k-of-n, 2-of-3 for example: 2 or more of at most {MOST}, not {text!r}")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.needed}-of-{self.made}"


def split_identity(identity: str, split: Split) -> tuple[str, ...]:
    """The key shares, 35 words each. `Misconfigured` for a text that is no identity."""
    try:
        prefix, secret = bech32.decode(identity)
        kind = {name.lower(): byte for byte, name in _KINDS.items()}[prefix]
        if len(secret) != 32 or identity != identity.upper():
            raise ValueError("of another kind")
    except (ValueError, KeyError):
        raise Misconfigured(
            "what is to be split is no recovery identity: give the line that begins with AGE-SECRET-KEY-, in full"
        ) from None
    (made,) = generate_mnemonics(1, [(split.needed, split.made)], bytes([_VERSION, kind]) + secret)
    return tuple(made)


def combine_identity(shares: Sequence[str]) -> str:
    """The identity. `Misconfigured` says which key share is mistyped, of another set or does not fit, or how many are missing."""
    read = [_read(number, text) for number, text in enumerate(shares, start=1)]
    if not read:
        raise Misconfigured("no key share came: give each as its 35 words, an empty line between two of them")
    for number, share in enumerate(read[1:], start=2):
        if share.group_parameters() != read[0].group_parameters():
            raise Misconfigured(f"key share {number} is of another set than key share 1: the first words of all of one set are the same")
    distinct = {share.index: share.mnemonic() for share in read}
    if len({share.mnemonic() for share in read}) != len(distinct):
        raise Misconfigured("two key shares have the same number and other words: one of them is not of this set")
    needed = read[0].member_threshold
    if len(distinct) < needed:
        raise Misconfigured(f"{len(distinct)} different key shares came and {needed} are needed: find {needed - len(distinct)} more")
    first, *others = _chosen(list(distinct.values()), needed)
    secret = _combined(first)
    if any(_combined(other) != secret for other in others):
        raise Misconfigured("the key shares do not fit together: one of them is not of this set; leave one out after the other")
    return _encoded(secret)


def key_shares(lines: Iterable[str]) -> list[str]:
    """Key shares out of text: of 35 words each, over as many lines as it takes, parted by an empty line or one that begins with `#`.

    `Misconfigured` for one that has more or fewer words.
    """
    found: list[str] = []
    words: list[str] = []
    for line in [*lines, ""]:
        typed = line.split()
        if typed and not typed[0].startswith("#"):
            words += typed
            if len(words) < WORDS:
                continue
        if words:
            if len(words) != WORDS:
                raise Misconfigured(f"key share {len(found) + 1} has {len(words)} words, and each has {WORDS}")
            found.append(" ".join(words))
            words = []
    return found


def _read(number: int, text: str) -> Share:
    words = text.lower().split()
    for place, word in enumerate(words, start=1):
        if word not in WORD_INDEX_MAP:
            raise Misconfigured(f"key share {number}: word {place} is no word of the list; look at what was written down")
    try:
        share = Share.from_mnemonic(" ".join(words))
    except MnemonicError:
        raise Misconfigured(
            f"key share {number} is mistyped: a word is another one, or two changed places (its checksum is wrong)"
        ) from None
    if len(words) != WORDS or (share.group_threshold, share.group_count) != (1, 1):
        raise Misconfigured(f"key share {number} is of no recovery identity of a portal")
    return share


def _chosen(shares: list[str], needed: int) -> list[list[str]]:
    """As many as are needed, in such choices that every one is in some."""
    return [shares[:needed], *([extra, *shares[: needed - 1]] for extra in shares[needed:])]


def _combined(shares: list[str]) -> bytes:
    try:
        return bytes(combine_mnemonics(shares))
    except MnemonicError:
        raise Misconfigured("the key shares do not fit together: one of them is not of this set") from None


def _encoded(secret: bytes) -> str:
    version, kind, raw = secret[0], secret[1], secret[2:]
    if version != _VERSION or kind not in _KINDS or len(raw) != 32:
        raise Misconfigured("these key shares are of something else, or of a newer portal")
    return bech32.encode(_KINDS[kind].lower(), raw).upper()
