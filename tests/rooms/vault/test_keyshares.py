"""A recovery identity in key shares: any k give it back, k - 1 do not, and a fault is said of the one that has it."""

import re
from itertools import combinations

import pytest
from shamir_mnemonic import Share, generate_mnemonics

from portal.kernel.errors import Misconfigured
from portal.vault import bech32
from portal.vault.keyshares import Split, combine_identity, key_shares, split_identity
from tests.rooms.vault.stage import IDENTITY

#: The kind that a quantum computer does not break: the same 32 bytes under another prefix.
HYBRID = bech32.encode("age-secret-key-pq-", bytes(range(32))).upper()
#: Made on the first day; they must open for good.
FIRST_DAY = (
    "juice cleanup academic acid acne grasp describe mobile erode course peanut pharmacy "
    "ugly famous depict chew axle fluff jewelry video elbow teaspoon warn numb "
    "element lyrics manual oven fitness careful mailman density admit agency silent",
    "juice cleanup academic always acid drink laundry guest provide omit dish transfer "
    "dragon depend black crunch river cylinder survive sidewalk wine science pink source "
    "entrance destroy home method mixed advance fancy much wireless tactics loud",
)


def split(text: str = "2-of-3", identity: str = IDENTITY) -> tuple[str, ...]:
    return split_identity(identity, Split.parse(text))


@pytest.mark.parametrize("wanted", ["2-of-2", "2-of-3", "3-of-5"])
def test_every_choice_of_enough_shares_gives_the_identity_back_and_no_smaller_one(wanted: str) -> None:
    needed = Split.parse(wanted).needed
    shares = split(wanted)
    for choice in combinations(shares, needed):
        assert combine_identity(choice) == IDENTITY
        assert combine_identity(choice[::-1]) == IDENTITY
    for choice in combinations(shares, needed - 1):
        with pytest.raises(Misconfigured, match=rf"{needed - 1} different key shares came and {needed} are needed: find 1 more"):
            combine_identity(choice)


def test_all_of_them_give_it_back_too() -> None:
    assert combine_identity(split("3-of-5")) == IDENTITY


def test_the_kind_of_an_identity_is_kept() -> None:
    assert combine_identity(split(identity=HYBRID)[:2]) == HYBRID


@pytest.mark.parametrize(
    "text", ["", IDENTITY[:-1], IDENTITY.lower(), "age1" + IDENTITY, bech32.encode("age-secret-key-", bytes(31)).upper()]
)
def test_what_is_no_identity_is_not_split_and_not_repeated(text: str) -> None:
    with pytest.raises(Misconfigured, match="no recovery identity") as refused:
        split(identity=text)
    assert not text or text not in refused.value.detail


def test_shares_of_the_first_day_open() -> None:
    assert combine_identity(FIRST_DAY) == IDENTITY


def test_two_splits_of_one_identity_have_no_share_in_common_and_do_not_mix() -> None:
    first, second = split(), split()
    assert not set(first) & set(second)
    with pytest.raises(Misconfigured, match="key share 2 is of another set than key share 1"):
        combine_identity([first[0], second[1]])


def test_one_share_twice_is_one_share() -> None:
    shares = split()
    with pytest.raises(Misconfigured, match="1 different key shares came and 2 are needed"):
        combine_identity([shares[0], shares[0]])


@pytest.mark.parametrize("at", range(35))
def test_a_word_of_the_list_in_a_wrong_place_is_said_of_its_share(at: int) -> None:
    shares = split()
    words = shares[1].split()
    words[at] = "academic" if words[at] != "academic" else "acid"
    with pytest.raises(Misconfigured, match=r"key share 2 is mistyped|key share 2 is of") as refused:
        combine_identity([shares[0], " ".join(words)])
    assert not set(shares[0].split()) & set(re.findall(r"[a-z]+", refused.value.detail)) - {"list", "word", "has", "two", "one"}


def test_a_word_that_is_none_is_said_by_its_place_and_not_repeated() -> None:
    shares = split()
    words = shares[0].split()
    words[6] = "samoria"
    with pytest.raises(Misconfigured, match="key share 1: word 7 is no word of the list") as refused:
        combine_identity([" ".join(words), shares[1]])
    assert "samoria" not in refused.value.detail


def test_a_share_of_the_right_form_that_lies_on_another_line_does_not_fit() -> None:
    shares = [Share.from_mnemonic(text) for text in split()]
    forged = Share(**{name: getattr(shares[2], name) for name in shares[2].__dataclass_fields__} | {"value": bytes(34)})
    with pytest.raises(Misconfigured, match="do not fit"):
        combine_identity([shares[0].mnemonic(), forged.mnemonic()])
    with pytest.raises(Misconfigured, match="do not fit"):  # one too many is looked at, too
        combine_identity([shares[0].mnemonic(), shares[1].mnemonic(), forged.mnemonic()])


def test_shares_of_a_wallet_are_refused() -> None:
    (wallet,) = generate_mnemonics(1, [(2, 2)], bytes(32))
    with pytest.raises(Misconfigured, match="of no recovery identity"):
        combine_identity(wallet)
    (other,) = generate_mnemonics(1, [(2, 2)], bytes(34))
    with pytest.raises(Misconfigured, match="something else"):
        combine_identity(other)


@pytest.mark.parametrize("text", ["1-of-3", "3-of-2", "0-of-2", "2-of-17", "2/3", "", "2-of-3 "])
def test_a_split_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Misconfigured, match="k-of-n"):
        Split.parse(text)


def test_text_as_it_is_printed_or_typed_is_read() -> None:
    first, second, _ = split()
    words = first.split()
    rows = [" ".join(words[at : at + 7]) for at in range(0, 35, 7)]
    assert key_shares(["# CTED: key share 1 of 3", *rows, "", "", *second.upper().split(), "# end"]) == [first, second.upper()]
    assert combine_identity(key_shares([*rows, second.upper()])) == IDENTITY  # a full one needs no empty line
    with pytest.raises(Misconfigured, match="key share 2 has 34 words"):
        key_shares([first, second.rsplit(" ", 1)[0], ""])
    with pytest.raises(Misconfigured, match="no key share came"):
        combine_identity(key_shares(["", "# nothing"]))
