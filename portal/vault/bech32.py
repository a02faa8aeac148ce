"""Bech32 (BIP 173) without its length limit, as age uses it for keys."""

_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def encode(prefix: str, data: bytes) -> str:
    values = _regroup(data, 8, 5, pad=True)
    check = _polymod(_expanded(prefix) + values + [0] * 6) ^ 1
    return prefix + "1" + "".join(_CHARSET[value] for value in values + [check >> 5 * (5 - place) & 31 for place in range(6)])


def decode(text: str) -> tuple[str, bytes]:
    """(prefix, data). `ValueError` for mixed case, foreign characters, a wrong checksum or bits left over."""
    if text not in (text.lower(), text.upper()):
        raise ValueError("mixed case")
    prefix, one, rest = text.lower().rpartition("1")
    if not one or not prefix or len(rest) < 6 or any(char not in _CHARSET for char in rest):
        raise ValueError("not bech32")
    values = [_CHARSET.index(char) for char in rest]
    if _polymod(_expanded(prefix) + values) != 1:
        raise ValueError("wrong checksum")
    return prefix, bytes(_regroup(values[:-6], 5, 8, pad=False))


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            if top >> bit & 1:
                check ^= generator
    return check


def _expanded(prefix: str) -> list[int]:
    return [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]


def _regroup(data: bytes | list[int], have: int, want: int, *, pad: bool) -> list[int]:
    held = bits = 0
    out = []
    for value in data:
        held, bits = held << have | value, bits + have
        while bits >= want:
            bits -= want
            out.append(held >> bits & (1 << want) - 1)
        held &= (1 << bits) - 1
    if pad and bits:
        out.append(held << want - bits & (1 << want) - 1)
    elif not pad and (bits >= have or held):
        raise ValueError("bits left over")
    return out
