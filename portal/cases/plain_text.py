"""Words that people type: plain text, so that a title cannot turn a line around, hide in it, or end it."""

import unicodedata

#: Join controls that Persian, Urdu and Indic scripts need.
_NEEDED = frozenset("\u200c\u200d")
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def is_plain(text: str) -> bool:
    return all(char in _NEEDED or unicodedata.category(char) not in _UNWANTED for char in text)


def demand_plain(faults: dict[str, str], **fields: str) -> None:
    """Add a fault for each field with control or direction characters in it."""
    for name, text in fields.items():
        if not is_plain(text):
            faults.setdefault(name, "Take out control characters and marks that change the direction of text; type it anew if need be.")


def only_plain(text: str) -> str:
    """The text without them."""
    return "".join(char for char in text if is_plain(char))
