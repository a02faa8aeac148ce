"""Another body gets a key from two persons who agreed to the very same statement, or not at all."""

from dataclasses import fields, replace
from uuid import UUID

import pytest

from portal.kernel.errors import Denied, Tampered
from portal.vault.errors import LabelMismatch, Unapproved
from portal.vault.filekey import FileKey
from portal.vault.grants import Approval, GrantStatement, approval_bytes
from portal.vault.holder import recipient_label
from tests.rooms.vault.stage import ADA, CARLA, DOCUMENT, NAME, RECIPIENT, RENDITION, SHARE, TITLE, Exchange, label_of, permit
from tests.rooms.vault.test_label import OWN


def test_two_who_agree_give_the_recipient_a_key_and_words_of_its_own(exchange: Exchange) -> None:
    grant = exchange.grant()
    (wrap,) = grant.wraps
    assert (wrap.object_id, wrap.body, wrap.kek, wrap.floor) == (exchange.sealed.id, "OCT", "OCT/1", 0)
    reader = permit("OCT", share=SHARE)
    assert exchange.holder.open_field(reader, TITLE, grant.title) == "Visit to Samoria"
    assert exchange.holder.open_field(reader, NAME, grant.file_name) == "S-2026-1.pdf"
    with pytest.raises(Tampered):
        exchange.holder.open_field(permit("CTED"), TITLE, grant.title)


def test_the_order_of_approvals_makes_no_difference(exchange: Exchange) -> None:
    assert exchange.grant(exchange.approvals()[::-1]).wraps


def test_one_person_twice_is_refused(exchange: Exchange) -> None:
    digest = exchange.statement.digest()
    twice = [exchange.holder.approve(ADA, "proposed", "CTED", digest), exchange.holder.approve(ADA, "approved", "CTED", digest)]
    with pytest.raises(Unapproved) as refused:
        exchange.grant(twice)
    assert isinstance(refused.value, Denied)
    assert "Two officers" in refused.value.public


def test_two_accounts_of_one_human_are_one_person(exchange: Exchange) -> None:
    proposed, approved = exchange.approvals()
    human = proposed.person
    with pytest.raises(Unapproved, match="one person twice"):
        exchange.grant([replace(proposed, human=human), replace(approved, human=human)])
    with pytest.raises(Unapproved, match="one person twice"):
        exchange.grant([proposed, replace(approved, human=human)])
    assert exchange.grant([replace(proposed, human=human), replace(approved, human=approved.person)]).wraps


def test_a_missing_or_superfluous_approval_is_refused(exchange: Exchange) -> None:
    proposed, approved = exchange.approvals()
    third = exchange.holder.approve(UUID(int=3), "approved", "CTED", exchange.statement.digest())
    second_proposal = exchange.holder.approve(UUID(int=3), "proposed", "CTED", exchange.statement.digest())
    for given in ([], [proposed], [approved], [approved, third], [proposed, second_proposal], [proposed, approved, third]):
        with pytest.raises(Unapproved):
            exchange.grant(given)


def test_a_forged_mac_is_refused_with_an_alarm(exchange: Exchange) -> None:
    proposed, approved = exchange.approvals()
    for forged in (
        replace(approved, mac=bytes(32)),
        replace(approved, mac=proposed.mac),
        replace(approved, person=UUID(int=3)),
        exchange.holder.approve(CARLA, "approved", "OCT", exchange.statement.digest()),
    ):
        with pytest.raises(Tampered):
            exchange.grant([proposed, forged])
    with pytest.raises(Tampered):
        exchange.grant([replace(proposed, mac=bytes(32)), approved])


def test_a_proposal_cannot_be_turned_into_an_approval(exchange: Exchange) -> None:
    proposed, _ = exchange.approvals()
    other = exchange.holder.approve(CARLA, "proposed", "CTED", exchange.statement.digest())
    with pytest.raises(Tampered):
        exchange.grant([proposed, replace(other, act="approved")])


def test_a_mac_over_a_row_never_serves_as_an_approval(exchange: Exchange) -> None:
    proposed, _ = exchange.approvals()
    digest = exchange.statement.digest()
    message = approval_bytes(CARLA, "approved", "CTED", digest)
    for purpose in ("", "approval", "portal/approval/v1"):
        mac = exchange.holder.mac("CTED", purpose, message)
        with pytest.raises(Tampered):
            exchange.grant([proposed, Approval(CARLA, "approved", digest, mac)])


def test_an_approval_of_another_statement_is_refused(exchange: Exchange) -> None:
    other = exchange.restated(epoch=4)
    for given in (
        exchange.approvals(other),
        [exchange.approvals()[0], exchange.approvals(other)[1]],
        [exchange.approvals(other)[0], exchange.approvals()[1]],
    ):
        with pytest.raises(Unapproved, match="another statement"):
            exchange.grant(given)


CHANGES: dict[str, object] = {
    "share_id": UUID(int=9),
    "document_id": UUID(int=9),
    "version": 2,
    "rendition_id": None,
    "originator": "XYZ",
    "recipient": "XYZ",
    "level": 0,
    "caveats": frozenset(),
    "terms": b"\1" * 32,
    "epoch": 4,
}


def test_every_field_of_the_statement_changes_its_digest(exchange: Exchange) -> None:
    assert set(CHANGES) | {"objects"} == {field.name for field in fields(GrantStatement)}
    digests = {exchange.statement.digest()}
    digests |= {exchange.restated(**{name: value}).digest() for name, value in CHANGES.items()}
    digests.add(exchange.restated(objects=()).digest())
    digests.add(exchange.restated(objects=(replace(exchange.label, kc=bytes(32)),)).digest())
    digests.add(exchange.restated(objects=(exchange.label, replace(exchange.label, object_id=UUID(int=9)))).digest())
    assert len(digests) == 1 + len(CHANGES) + 3


def test_the_digest_of_a_fixed_statement_is_known() -> None:
    """If this goes red, what two officers agreed to before means something else now."""
    label = replace(OWN, rendition_id=RENDITION)
    statement = GrantStatement(
        share_id=UUID(int=4),
        document_id=label.document_id,
        version=1,
        rendition_id=RENDITION,
        originator="CTED",
        recipient="OCT",
        level=1,
        caveats=frozenset(),
        terms=b"\x33" * 32,
        epoch=3,
        objects=(label, replace(label, object_id=UUID(int=5))),
    )
    assert statement.encode().startswith(b"portal/grant/v1\0")
    assert replace(statement, objects=statement.objects[::-1]).digest() == statement.digest()
    assert statement.digest().hex() == "7402217f4b0b0f3e7d2688ce10ee45caa24144079ec2e747aaaaeca6caa2483e"


def test_a_grant_to_the_originator_itself_is_refused(exchange: Exchange) -> None:
    with pytest.raises(RuntimeError, match="to the originator itself"):
        exchange.grant(statement=exchange.restated(recipient="CTED"))


@pytest.mark.parametrize("name", ["document_id", "version", "rendition_id", "level", "caveats"])
def test_an_object_of_something_else_than_stated_is_refused(exchange: Exchange, name: str) -> None:
    with pytest.raises(RuntimeError, match="not of the rendition"):
        exchange.grant(statement=exchange.restated(**{name: CHANGES[name]}))


def test_a_label_that_is_not_the_originators_own_is_refused(exchange: Exchange) -> None:
    for label in (
        replace(exchange.label, body="OCT"),
        replace(exchange.label, share_id=SHARE),
        replace(exchange.label, terms=bytes(32)),
        recipient_label(exchange.label, exchange.statement),
    ):
        with pytest.raises(RuntimeError):
            exchange.grant(statement=exchange.restated(objects=(label,)))


def test_nothing_or_one_object_twice_is_refused(exchange: Exchange) -> None:
    for objects in ((), (exchange.label, exchange.label)):
        with pytest.raises(RuntimeError, match="of nothing, or of one object twice"):
            exchange.grant(statement=exchange.restated(objects=objects))


def test_the_portal_itself_is_no_party(exchange: Exchange) -> None:
    with pytest.raises(RuntimeError, match="no party"):
        exchange.grant(statement=exchange.restated(recipient="PORTAL"))


def test_a_body_without_keys_gets_none(exchange: Exchange) -> None:
    with pytest.raises(Tampered, match="no keys for"):
        exchange.grant(statement=exchange.restated(recipient="XYZ"))


def test_wraps_of_other_objects_are_refused(exchange: Exchange) -> None:
    statement = exchange.statement
    for wraps in ([], [exchange.own, exchange.own], [replace(exchange.own, object_id=UUID(int=9))]):
        with pytest.raises(RuntimeError, match="not those of the statement"):
            exchange.holder.grant(statement, exchange.approvals(), wraps=wraps, title=(TITLE, ""), file_name=(NAME, ""))


def test_a_level_lowered_everywhere_but_in_the_wrap_grants_nothing(exchange: Exchange) -> None:
    """Document, label and statement all say Unclassified now; the originator's wrap remembers."""
    label = replace(exchange.label, level=0)
    with pytest.raises(LabelMismatch):
        exchange.grant(statement=exchange.restated(level=0, objects=(label,)))


def test_a_share_of_two_objects_gets_a_wrap_for_each(exchange: Exchange) -> None:
    sealed, key = exchange.vault.seal([b"the page pack"], 13, RECIPIENT)
    second = label_of(sealed)
    statement = exchange.restated(objects=(exchange.label, second))
    grant = exchange.holder.grant(
        statement,
        exchange.approvals(statement),
        wraps=[exchange.holder.wrap_own(second, key), exchange.own],
        title=(TITLE, "t"),
        file_name=(NAME, "n"),
    )
    reader = permit("OCT", share=SHARE)
    for wrap, label, expected in zip(grant.wraps, statement.objects, (exchange.key, key), strict=True):
        assert exchange.holder.open(reader, wrap, recipient_label(label, statement)) == expected


def test_a_wrap_through_one_share_does_not_open_through_another(exchange: Exchange) -> None:
    (wrap,) = exchange.grant().wraps
    other = exchange.restated(share_id=UUID(int=9))
    for statement in (other, exchange.restated(terms=b"\1" * 32)):
        reader = permit("OCT", share=statement.share_id)
        with pytest.raises(LabelMismatch):
            exchange.holder.open(reader, wrap, recipient_label(exchange.label, statement))


def test_a_key_that_is_not_the_objects_is_not_passed_on(exchange: Exchange) -> None:
    exchange.own = exchange.holder.wrap_own(exchange.label, FileKey.new())
    with pytest.raises(Tampered, match="not the one it was sealed with"):
        exchange.grant()


def test_approvals_from_before_a_closing_grant_nothing_after_it(exchange: Exchange) -> None:
    """Two persons did agree, and every MAC is right; but what they agreed to was closed since, whatever the database says of it."""
    old = exchange.approvals()
    for _ in range(exchange.statement.epoch):
        exchange.holder.raise_floor(DOCUMENT, "OCT")
    assert exchange.grant(old).wraps[0].floor == exchange.statement.epoch  # approved at the very epoch of the closing
    exchange.holder.raise_floor(DOCUMENT, "OCT")
    with pytest.raises(Unapproved, match="closed to OCT"):
        exchange.grant(old)
    newer = exchange.restated(epoch=exchange.statement.epoch + 1)
    assert exchange.grant(statement=newer).wraps[0].floor == newer.epoch
