"""The holder: a permit opens with its own body's key, exactly what was bound, above the floor."""

from dataclasses import fields, replace
from pathlib import Path
from uuid import UUID

import pytest

from portal.kernel.errors import Hidden, Tampered
from portal.kernel.permit import Permit
from portal.vault.errors import Broken, LabelMismatch, Withdrawn
from portal.vault.filekey import FileKey
from portal.vault.floors import Floors
from portal.vault.holder import EmbeddedHolder, recipient_label
from portal.vault.keyring import load_keyring
from portal.vault.label import ObjectLabel
from portal.vault.wrap import Wrap, unwrap_key, wrap_key
from tests.rooms.vault.stage import DOCUMENT, PASSPHRASE, SHARE, Exchange, new_holder, permit
from tests.rooms.vault.test_keyring import FIRST_DAY
from tests.rooms.vault.test_label import CHANGES, OWN


def test_the_originator_opens_what_it_wrapped(exchange: Exchange) -> None:
    assert exchange.holder.open(permit("CTED"), exchange.own, exchange.label) == exchange.key
    assert (exchange.own.body, exchange.own.kek, exchange.own.algorithm, exchange.own.floor) == ("CTED", "CTED/1", "AES-256-GCM-SIV", 0)
    assert (len(exchange.own.nonce), len(exchange.own.wrapped)) == (12, 32)


def test_the_recipient_opens_what_it_was_granted(exchange: Exchange) -> None:
    (wrap,) = exchange.grant().wraps
    label = recipient_label(exchange.label, exchange.statement)
    assert (label.body, label.share_id, label.terms) == ("OCT", SHARE, bytes(32))
    assert exchange.holder.open(permit("OCT", share=SHARE), wrap, label) == exchange.key


def test_a_level_lowered_in_the_label_opens_nothing(exchange: Exchange) -> None:
    with pytest.raises(LabelMismatch) as refused:
        exchange.holder.open(permit("CTED"), exchange.own, replace(exchange.label, level=0))
    assert refused.value.code == "label_mismatch"
    assert str(exchange.sealed.id) in refused.value.detail
    assert isinstance(refused.value, Tampered)
    (wrap,) = exchange.grant().wraps
    label = replace(recipient_label(exchange.label, exchange.statement), level=0)
    with pytest.raises(LabelMismatch):
        exchange.holder.open(permit("OCT", share=SHARE), wrap, label)


def test_any_changed_field_of_the_label_opens_nothing(exchange: Exchange) -> None:
    """Asked of the unwrapping itself: the holder's own checks come on top."""
    (wrap,) = exchange.grant().wraps
    label = recipient_label(exchange.label, exchange.statement)
    kek = exchange.holder._keyring.kek("OCT", "OCT/1")
    assert unwrap_key(kek, wrap, label) == exchange.key
    for name in (field.name for field in fields(ObjectLabel)):
        for value in CHANGES[name]:
            if value != getattr(label, name):
                with pytest.raises(LabelMismatch):
                    unwrap_key(kek, wrap, replace(label, **{name: value}))  # type: ignore[arg-type]


def test_any_changed_column_of_the_wrap_opens_nothing(exchange: Exchange) -> None:
    (wrap,) = exchange.grant().wraps
    label = recipient_label(exchange.label, exchange.statement)
    changes: dict[str, list[object]] = {
        "kek": ["OCT/2", "CTED/1", ""],
        "algorithm": ["AES-256-GCM", ""],
        "floor": [1],
        "nonce": [bytes(12), b""],
        "wrapped": [bytes(32), b"", wrap.wrapped[:-1] + bytes([wrap.wrapped[-1] ^ 1])],
    }
    for name, values in changes.items():
        for value in values:
            with pytest.raises(Tampered):
                exchange.holder.open(permit("OCT", share=SHARE), replace(wrap, **{name: value}), label)  # type: ignore[arg-type]


def test_a_permit_of_another_body_opens_nothing(exchange: Exchange) -> None:
    (wrap,) = exchange.grant().wraps
    shared = recipient_label(exchange.label, exchange.statement)
    asked: list[tuple[Permit, Wrap, ObjectLabel]] = [
        (permit("OCT"), exchange.own, exchange.label),
        (permit("OCT"), exchange.own, replace(exchange.label, body="OCT")),
        (permit("OCT"), replace(exchange.own, body="OCT"), exchange.label),
        (permit("CTED", share=SHARE), wrap, shared),
    ]
    for given, key_wrap, label in asked:
        with pytest.raises(RuntimeError):
            exchange.holder.open(given, key_wrap, label)
    with pytest.raises(Tampered):  # even with body and label made to fit, the key is another
        exchange.holder.open(permit("OCT"), replace(exchange.own, body="OCT"), replace(exchange.label, body="OCT"))


def test_a_wrap_for_a_body_under_the_key_of_another_opens_nothing(exchange: Exchange) -> None:
    """Well made, for OCT, but under CTED's key: only the keys of the permit's body are ever tried."""
    label = recipient_label(exchange.label, exchange.statement)
    wrap = wrap_key(exchange.holder._keyring.kek("CTED", "CTED/1"), exchange.key, label, floor=0)
    with pytest.raises(Broken, match="not one of this body's"):
        exchange.holder.open(permit("OCT", share=SHARE), wrap, label)


def test_a_wrap_in_another_shape_is_told_before_any_key_is_used(exchange: Exchange) -> None:
    for wrong in (
        replace(exchange.own, algorithm="AES-256-GCM"),
        replace(exchange.own, nonce=bytes(11)),
        replace(exchange.own, wrapped=bytes(31)),
    ):
        with pytest.raises(Broken, match="another shape"):
            exchange.holder.open(permit("CTED"), wrong, exchange.label)


def test_without_a_permit_of_a_person_nothing_opens(exchange: Exchange) -> None:
    for thing in (None, "CTED", exchange.label):
        with pytest.raises(TypeError):
            exchange.holder.open(thing, exchange.own, exchange.label)  # type: ignore[arg-type]
    given = permit("CTED")
    nobody = Permit(subject=None, action=given.action, facts=given.facts, rules=(), policy_hash="")
    for wrong in (nobody, permit("PORTAL")):
        with pytest.raises(RuntimeError):
            exchange.holder.open(wrong, exchange.own, exchange.label)


def test_a_permit_for_another_document_or_share_opens_nothing(exchange: Exchange) -> None:
    (wrap,) = exchange.grant().wraps
    shared = recipient_label(exchange.label, exchange.statement)
    for given, key_wrap, label in (
        (permit("CTED", document=UUID(int=7)), exchange.own, exchange.label),
        (permit("OCT", share=UUID(int=7)), wrap, shared),
        (permit("OCT"), wrap, shared),
        (permit("OCT", share=SHARE, document=UUID(int=7)), wrap, shared),
    ):
        with pytest.raises(RuntimeError, match="hangs elsewhere"):
            exchange.holder.open(given, key_wrap, label)
    with pytest.raises(RuntimeError, match="another object"):
        exchange.holder.open(permit("CTED"), exchange.own, replace(exchange.label, object_id=UUID(int=7)))


def test_a_withdrawn_wrap_put_back_opens_nothing_and_looks_like_absence(exchange: Exchange) -> None:
    (wrap,) = exchange.grant().wraps
    label = recipient_label(exchange.label, exchange.statement)
    assert exchange.holder.raise_floor(exchange.sealed.id, "OCT") == 1
    with pytest.raises(Withdrawn) as refused:
        exchange.holder.open(permit("OCT", share=SHARE), wrap, label)
    neutral = Hidden()
    assert (refused.value.status, refused.value.code, refused.value.public) == (neutral.status, neutral.code, neutral.public)
    with pytest.raises(LabelMismatch):  # lifting the floor column does not help: it is bound
        exchange.holder.open(permit("OCT", share=SHARE), replace(wrap, floor=1), label)


def test_after_a_withdrawal_a_new_grant_opens_and_the_old_one_does_not(exchange: Exchange) -> None:
    (old,) = exchange.grant().wraps
    exchange.holder.raise_floor(exchange.sealed.id, "OCT")
    (new,) = exchange.grant().wraps
    label = recipient_label(exchange.label, exchange.statement)
    assert new.floor == 1
    assert exchange.holder.open(permit("OCT", share=SHARE), new, label) == exchange.key
    with pytest.raises(Withdrawn):
        exchange.holder.open(permit("OCT", share=SHARE), old, label)


def test_the_originators_own_wrap_has_no_floor(exchange: Exchange) -> None:
    exchange.holder.raise_floor(exchange.sealed.id, "OCT")
    exchange.holder.raise_floor(DOCUMENT, "OCT")
    exchange.holder.raise_floor(UUID(int=7), "CTED")  # of another document
    assert exchange.holder.open(permit("CTED"), exchange.own, exchange.label) == exchange.key


@pytest.mark.parametrize("closed", ["object", "document"])
def test_a_floor_for_the_originator_itself_means_shredded_and_nothing_opens_is_granted_or_sealed(exchange: Exchange, closed: str) -> None:
    exchange.holder.raise_floor(exchange.sealed.id if closed == "object" else DOCUMENT, "CTED")
    with pytest.raises(Withdrawn) as refused:
        exchange.holder.open(permit("CTED"), exchange.own, exchange.label)
    assert (refused.value.status, refused.value.public) == (404, Hidden.public)
    with pytest.raises(Withdrawn):
        exchange.grant()
    with pytest.raises(Withdrawn):
        exchange.holder.wrap_own(exchange.label, exchange.key)


def test_a_wrap_above_its_floor_tells_that_floors_are_missing(exchange: Exchange) -> None:
    exchange.holder.raise_floor(exchange.sealed.id, "OCT")
    (wrap,) = exchange.grant().wraps
    exchange.holder._floors._floors.clear()
    with pytest.raises(Broken, match="older than the database"):
        exchange.holder.open(permit("OCT", share=SHARE), wrap, recipient_label(exchange.label, exchange.statement))


def test_only_the_originator_wraps_for_itself(exchange: Exchange) -> None:
    for label in (
        replace(exchange.label, share_id=SHARE),
        replace(exchange.label, terms=bytes(32)),
        replace(exchange.label, body="PORTAL"),
    ):
        with pytest.raises(RuntimeError, match="only a grant"):
            exchange.holder.wrap_own(label, exchange.key)


def test_a_wrapped_key_that_is_not_the_committed_one_is_broken(exchange: Exchange) -> None:
    """Wrapped by us, under this very label: only the commitment tells."""
    wrap = exchange.holder.wrap_own(exchange.label, FileKey.new())
    with pytest.raises(Broken, match="not the one it was sealed with"):
        exchange.holder.open(permit("CTED"), wrap, exchange.label)


def test_a_wrap_of_the_first_day_still_opens(tmp_path: Path) -> None:
    (tmp_path / "keyring.json").write_text(FIRST_DAY)
    (tmp_path / "keyring.json").chmod(0o600)
    holder = EmbeddedHolder(load_keyring(tmp_path / "keyring.json", PASSPHRASE), Floors(tmp_path / "floors"))
    key = FileKey(bytes(range(16)))
    label = replace(OWN, document_id=DOCUMENT, kc=key.commitment(OWN.payload_nonce))
    wrap = Wrap(
        object_id=label.object_id,
        body="CTED",
        kek="CTED/1",
        algorithm="AES-256-GCM-SIV",
        floor=0,
        nonce=bytes.fromhex("88aec0bc183e1763e9fed86b"),
        wrapped=bytes.fromhex("456ae0f71214411048b5b480d1d5dfbaf9efd806154feaf69354ee859ddb4dad"),
    )
    assert holder.open(permit("CTED"), wrap, label) == key
    assert holder.mac("CTED", "share", b"columns").hex() == "09489a75dfb668b31db4e858214154db6dac977d42a2e084bbdc18eb15e633bb"


def test_a_mac_is_for_its_body_purpose_and_message_only(tmp_path: Path) -> None:
    holder = new_holder(tmp_path)
    mac = holder.mac("CTED", "share", b"columns")
    assert len(mac) == 32
    holder.check("CTED", "share", b"columns", mac)
    for body, purpose, message, given in (
        ("OCT", "share", b"columns", mac),
        ("XYZ", "share", b"columns", mac),
        ("CTED", "sharec", b"olumns", mac),
        ("CTED", "proposal", b"columns", mac),
        ("CTED", "share", b"column", mac),
        ("CTED", "share", b"columns", b""),
        ("CTED", "share", b"columns", mac[:-1]),
        ("CTED", "share", b"columns", bytes(32)),
    ):
        with pytest.raises(Tampered):
            holder.check(body, purpose, message, given)
