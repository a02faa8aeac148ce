"""A wrap put in the place of another one opens nothing: it is bound to its document, body, version, rendition, share, terms and label.

Somebody edits the database, without the keys. The rows they can copy whole; what they are bound to they cannot change.
"""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.common.house import House, proposal_of, shared

WRAP = "kek, algorithm, floor, nonce, wrapped"
ALARM = ("share.page_read", "failed", "label_mismatch")


def page(house: House, share: str) -> int:
    return house.guest("omar").get(f"/received/{share}/pages/1").status_code


def again(house: House, document: str, **terms: str) -> str:
    """The document is shared once more. Returns the share."""
    assert house.guest("ada").propose(document, **terms).status_code == 302
    proposal = proposal_of(house)
    assert house.guest("dana").approve(proposal).status_code == 302
    return str(UUID(house.sql("select id from share where proposal_id = ?", UUID(proposal).hex)[0][0]))


def put(house: House, source: str, target: str) -> None:
    """Overwrite one wrap by another; both are named by a condition."""
    row = house.sql(f"select {WRAP} from key_wrap where {source}")[0]
    house.sql(f"update key_wrap set kek = ?, algorithm = ?, floor = ?, nonce = ?, wrapped = ? where {target}", *row)


@pytest.fixture
def exchange(house: House) -> tuple[str, str]:
    return shared(house)


def test_a_wrap_of_another_document_opens_nothing(house: House, exchange: tuple[str, str]) -> None:
    _, share = exchange
    other = house.guest("ada").deposit("CTED/2026/9")
    assert house.guest("carla").withhold(other, "2").status_code == 302
    assert house.guest("ada").prepare(other).status_code == 302
    theirs = again(house, other)
    put(house, f"share_id = '{UUID(theirs).hex}'", f"share_id = '{UUID(share).hex}'")
    assert page(house, share) == 500
    assert house.events()[-1] == ALARM


@pytest.mark.parametrize("rendered", [False, True])
def test_a_wrap_of_a_share_that_is_over_does_not_open_the_next_one(house: House, rendered: bool) -> None:
    """The end of terms raises no floor; but the wrap is bound to its share and to its terms, and those are over."""
    now = house.clock.now()
    document, share = shared(house, until=(now + timedelta(days=1)).date().isoformat())
    row = house.sql("select * from key_wrap where body = 'OCT'")[0]
    house.clock.at = now + timedelta(days=3)
    assert house.passage.close_expired() == 1
    house.sql(f"insert into key_wrap values ({','.join('?' * len(row))})", *row)
    house.clock.at = now + timedelta(minutes=1)
    if rendered:
        assert house.guest("ada").prepare(document).status_code == 302
    theirs = again(house, document)
    assert page(house, theirs) == 200
    put(house, f"share_id = '{UUID(share).hex}'", f"share_id = '{UUID(theirs).hex}'")
    assert page(house, theirs) == 500
    assert ALARM in house.events()


def test_the_originators_wrap_put_in_the_place_of_the_recipients_opens_nothing(house: House, exchange: tuple[str, str]) -> None:
    _, share = exchange
    mine = f"share_id is null and object_id = (select object_id from key_wrap where share_id = '{UUID(share).hex}')"
    floor = house.sql(f"select floor from key_wrap where share_id = '{UUID(share).hex}'")[0][0]
    put(house, mine, f"share_id = '{UUID(share).hex}'")
    house.sql(f"update key_wrap set floor = ? where share_id = '{UUID(share).hex}'", floor)
    assert page(house, share) == 500
    assert house.events()[-1][0] == "share.page_read"
    assert house.events()[-1][1] == "failed"


def test_the_wrap_of_the_pack_put_in_the_place_of_the_originals_opens_nothing_to_the_originator(
    house: House, exchange: tuple[str, str]
) -> None:
    """Another object of the same document, body and version: the rendition, and the object itself, are bound as well."""
    document, _ = exchange
    original = "share_id is null and object_id = (select object_id from version)"
    pack = "share_id is null and object_id = (select pack_object_id from rendition)"
    put(house, pack, original)
    assert house.guest("ada").prepare(document).status_code == 500
    assert house.events()[-1] == ("rendition.built", "failed", "label_mismatch")


@pytest.mark.parametrize(
    "edit",
    [
        "update rendition set version = 2",
        "update version set number = 2",
        "update document set level = 0",
        "update document set caveats = ''",
        "update sealed_object set kc = randomblob(32)",
        "update sealed_object set ph = randomblob(32)",
        "update sealed_object set nonce = randomblob(16)",
        "update sealed_object set payload_size = payload_size + 1",
    ],
)
def test_whatever_a_wrap_is_bound_to_that_is_edited_opens_nothing(house: House, exchange: tuple[str, str], edit: str) -> None:
    document, share = exchange
    if "randomblob" in edit:
        size = 16 if "(16)" in edit else 32
        house.sql(edit.replace(f"randomblob({size})", "?"), bytes(size))
    else:
        house.sql(edit)
    opened = page(house, share) == 200
    prepared = house.guest("ada").prepare(document).status_code == 302
    assert not opened or edit == "update version set number = 2"  # a share names its own version, and never opens the original
    assert not prepared or edit == "update rendition set version = 2"  # and the original hangs on no rendition
