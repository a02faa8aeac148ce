"""A recovery identity in the hands of several: split when it is made, combined when it is needed. Offline; nothing is kept or logged."""

from collections.abc import Iterable, Sequence

from portal.vault.keyshares import Split, combine_identity, key_shares, split_identity


def demand_split(text: str) -> None:
    """`Misconfigured` unless this says k-of-n, before anything was made."""
    if text:
        Split.parse(text)


def shares_of(identity: str, split: str) -> Sequence[str]:
    """The key shares, 35 words each. `split` is k-of-n. `Misconfigured` for what is neither."""
    return split_identity(identity, Split.parse(split))


def combined(lines: Iterable[str]) -> str:
    """The identity from key shares as they were written down. `Misconfigured` says which is mistyped, or how many are missing."""
    return combine_identity(key_shares(lines))
