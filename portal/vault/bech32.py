"""Bech32 (BIP 173) without its limit of 90 characters, as age uses it for recipients and identities. Strict: ValueError for any fault."""

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM = 6


def encode(prefix: str, data: bytes) -> str:
    """In lower case."""
    values = _regroup(data, 8, 5, pad=True)
    check = _polymod(_expanded(prefix) + values + [0] * _CHECKSUM) ^ 1
    values += [check >> 5 * (5 - place) & 31 for place in range(_CHECKSUM)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in values)


def decode(text: str) -> tuple[str, bytes]:
    """The prefix in lower case, and the data."""
    if not text.isascii() or text not in {text.lower(), text.upper()}:
        raise ValueError("mixed case, or letters beyond ASCII")
    prefix, separator, rest = text.lower().rpartition("1")
    if not separator or not prefix or len(rest) < _CHECKSUM:
        raise ValueError("too short")
    if any(not 33 <= ord(letter) <= 126 for letter in prefix):
        raise ValueError("a prefix of other characters")
    values = [_ALPHABET.index(letter) for letter in rest]  # ValueError for a letter outside it
    if _polymod(_expanded(prefix) + values) != 1:
        raise ValueError("wrong checksum: a letter was mistyped")
    return prefix, bytes(_regroup(values[:-_CHECKSUM], 5, 8, pad=False))


def _expanded(prefix: str) -> list[int]:
    return [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATORS):
            if top >> place & 1:
                check ^= generator
    return check


def _regroup(values: bytes | list[int], width: int, to: int, *, pad: bool) -> list[int]:
    pool = bits = 0
    out = []
    for value in values:
        pool = (pool << width | value) & 0xFFF
        bits += width
        while bits >= to:
            bits -= to
            out.append(pool >> bits & (1 << to) - 1)
    rest = pool & (1 << bits) - 1
    if pad and bits:
        out.append(rest << to - bits)
    elif not pad and (bits >= width or rest):
        raise ValueError("padding that is not zero")
    return out
