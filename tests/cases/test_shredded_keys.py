"""Acceptance: of what was shredded nothing opens, tried with every key there is: each key-encryption key on each wrap, the recovery
identity through the stock `age` on whatever lies in store and database, and a database and a bucket restored from before.
"""

import subprocess
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.cases.labels import own_label
from portal.kernel.permit import Permit
from portal.vault.age import new_recovery_identity
from portal.vault.errors import Broken, LabelMismatch, Withdrawn
from portal.vault.keyring import load_keyring
from portal.vault.label import ObjectLabel
from portal.vault.models import KeyWrap
from portal.vault.objects import SealedObject
from portal.vault.wrap import Wrap, unwrap_key
from tests.cases.keeping import confirm, propose
from tests.common import databases
from tests.common.house import House, shared
from tests.common.slips import SAMORIA
from tests.rooms.vault.stage import permit

ROWS = ("key_wrap", "sealed_object")


class Attempt:
    """Everything that opens or could open the document, as it was before; and how one tries."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.identity = house, folder / "recovery.txt"
        identity, recipient = new_recovery_identity()
        self.identity.write_text(identity + "\n")
        recovery: Any = house.parts.recovery  # what is sealed from now on can be recovered with this identity
        recovery[house.cast.body] = recipient

    def by_age(self, header: bytes, payload: bytes) -> bytes | None:
        """What the stock tool makes of it."""
        command = ["age", "--decrypt", "--identity", str(self.identity)]
        done = subprocess.run(command, input=header + payload, capture_output=True, check=False, timeout=60)
        return done.stdout if done.returncode == 0 else None

    def stored(self) -> dict[str, bytes]:
        """The store, by the last part of the name."""
        return {
            name.rsplit("/", 1)[-1]: content for name, content in self.house.everything_at_rest().items() if name.startswith("objects/")
        }

    def headers(self) -> list[bytes]:
        column = [bytes(row[0] or b"") for row in self.house.sql("select header from sealed_object")]
        return column + [content for name, content in self.stored().items() if name.endswith(".age-header")]

    def recovered(self, payloads: dict[str, bytes]) -> int:
        """How many of these payloads open with any header that is left, or with none."""
        return sum(self.by_age(header, payload) is not None for header, payload in product([b"", *self.headers()], payloads.values()))

    def labels(self, document: str) -> list[tuple[ObjectLabel, SealedObject]]:
        """The label of each object of the document, as its originator bound it."""
        with self.house.parts.read() as uow:
            row = uow.documents.get(UUID(document))
            assert row is not None
            versions = uow.documents.versions(row.id)
            found = [(object_id, version.number, None) for version in versions for object_id in version.objects]
            for made in uow.renditions.of_document(row.id):
                found += [(object_id, made.version, made.id) for object_id in (made.pdf_object_id, made.pack_object_id)]
            sealed = [(uow.objects.get(object_id), number, made_id) for object_id, number, made_id in found]
            return [(own_label(row, thing, version=number, rendition_id=made_id), thing) for thing, number, made_id in sealed]

    def wraps(self) -> list[Wrap]:
        with self.house.parts.read() as uow:
            return [row.wrap() for row in uow.session.scalars(select(KeyWrap))]

    def unwrapped(self, wraps: list[Wrap], labels: list[tuple[ObjectLabel, SealedObject]]) -> int:
        """How many of these wraps any key of the keyring opens under any of these labels, past the holder and its floors."""
        config = self.house.config.keyring
        keyring = load_keyring(config.path, config.passphrase_file.read_text().strip())
        keys = [keyring.kek(body, key_id) for body in keyring.bodies for key_id in keyring._keys(body).keks]
        opened = 0
        for key, wrap, (label, _) in product(keys, wraps, labels):
            try:
                unwrap_key(key, wrap, label)
                opened += 1
            except (Broken, LabelMismatch):
                continue
        return opened


@pytest.fixture
def attempt(house: House, tmp_path: Path) -> Attempt:
    return Attempt(house, tmp_path)


def test_no_key_of_the_system_nor_the_recovery_identity_opens_what_was_shredded(house: House, attempt: Attempt) -> None:
    document, _ = shared(house, use="download")
    labels, payloads = attempt.labels(document), {name: part for name, part in attempt.stored().items() if "." not in name}
    assert len(payloads) == len(labels) == 4
    assert attempt.unwrapped(attempt.wraps(), labels) == 4  # the originator's own, which shows that trying them finds them
    assert attempt.recovered(payloads) == 8  # each by its header in the column, and by the sidecar
    kept = house.guest("ada").deposit("CTED/2026/XSM/7")  # another document, whose keys stay
    propose(house, document)
    assert confirm(house, document).status_code == 302
    left = attempt.wraps()
    assert len(left) == 2
    assert attempt.unwrapped(left, labels) == 0
    assert attempt.recovered(payloads) == 0  # the payloads as a locked store or a backup still holds them
    assert payloads.keys().isdisjoint(attempt.stored())
    own = [part for name, part in attempt.stored().items() if "." not in name]
    assert attempt.unwrapped(left, attempt.labels(kept)) == 2
    assert [attempt.by_age(header, part) == SAMORIA for header in attempt.headers() for part in own].count(True) == 2


def test_rows_put_back_from_a_copy_open_nothing_online(house: House, attempt: Attempt) -> None:
    document, share = shared(house)
    labels, wraps, stored = attempt.labels(document), attempt.wraps(), attempt.stored()
    rendition = str(UUID(house.sql("select id from rendition")[0][0]))
    saved = {table: house.sql(f"select * from {table}") for table in ROWS}
    propose(house, document)
    confirm(house, document)
    for table in reversed(ROWS):
        house.sql(f"delete from {table}")
        for row in saved[table]:
            house.sql(f"insert into {table} values ({','.join('?' * len(row))})", *row)
    put_back(house, stored)
    assert attempt.unwrapped(wraps, labels) == 4  # whoever has the keyring and the copy: that is why backups are purged, too
    opens_nothing(house, document, share, rendition)
    for wrap in wraps:
        for label, _ in labels:
            if wrap.object_id == label.object_id and wrap.body == label.body:
                with pytest.raises(Withdrawn):
                    house.parts.holder.open(given(document), wrap, label)


def test_a_database_and_a_store_restored_from_before_open_nothing_online(house: House, attempt: Attempt, tmp_path: Path) -> None:
    document, share = shared(house)
    rendition = str(UUID(house.sql("select id from rendition")[0][0]))
    stored = attempt.stored()
    for login in ("ada", "carla", "dana", "omar"):
        house.guest(login)
    propose(house, document)
    house.parts.database.engine.dispose()
    databases.keep(house.config.database.url, tmp_path / "backup")
    assert confirm(house, document).status_code == 302
    house.parts.database.engine.dispose()
    databases.put_back(house.config.database.url, tmp_path / "backup")
    put_back(house, stored)
    assert house.sql("select count(*) from keeping where act = 'shredded'") == [(0,)]
    opens_nothing(house, document, share, rendition)
    assert "The database here is older than that" in house.guest("ada").get(f"/documents/{document}").text
    # two officers shred it again: the restored keys go as the first ones did
    assert confirm(house, document).status_code == 302
    assert house.sql("select count(*) from key_wrap") == [(0,)]
    assert house.objects() == set()


def opens_nothing(house: House, document: str, share: str, rendition: str) -> None:
    ada, carla, omar = (house.guest(login) for login in ("ada", "carla", "omar"))
    for reply in (
        ada.get(f"/documents/{document}/renditions/{rendition}/pages/1"),
        carla.get(f"/documents/{document}/passages/1"),
        ada.prepare(document),
        omar.get(f"/received/{share}/pages/1"),
    ):
        assert reply.status_code in {403, 404}
        assert "data:image" not in reply.text


def put_back(house: House, stored: dict[str, bytes]) -> None:
    """What a backup of the store held."""
    for name, content in stored.items():
        if house.s3:
            house.plant(name, content)
        else:
            house.parts.vault._store.put(name, [content], len(content))


def given(document: str) -> Permit:
    return permit("CTED", document=UUID(document))
