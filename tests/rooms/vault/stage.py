"""What the vault's tests play with: a small installation's keys, permits as the policy would give them, labels of one document."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from portal.kernel.actions import Action
from portal.kernel.permit import Facts, Permit, ResourceType, Subject
from portal.kernel.sealing import Place
from portal.kernel.vocabulary import Level, Role
from portal.vault.floors import Floors
from portal.vault.grants import Approval, Grant, GrantStatement
from portal.vault.holder import EmbeddedHolder
from portal.vault.keyring import Keyring, create_keyring, load_keyring
from portal.vault.label import ObjectLabel
from portal.vault.objects import FileKey, SealedObject, Vault
from portal.vault.s3 import S3Store
from portal.vault.store import FilesystemStore
from portal.vault.wrap import Wrap
from tests.common.s3server import S3Server

CHEAP = {"memory_kib": 64, "passes": 1, "lanes": 1}
PASSPHRASE = "correct horse of Samoria"  # for tests only
#: Made with `age-keygen`; the same each time, so that every process collects the same tests.
IDENTITY = "AGE-SECRET-KEY-1VV9SCQL2CWZGZ2PZYQUKL5L2SWH7L6ZZJFK7SLSUP8RJNSCKD2MQV57PXS"
RECIPIENT = "age1qnqhkumz83h0puq5d2tj2tz4gqs4gremc39yfaawdw3a4tdzkugqrue4uv"

DOCUMENT = UUID(int=0xD0C)
RENDITION = UUID(int=0x4E)
SHARE = UUID(int=0x54A)
ADA, CARLA = UUID(int=0xADA), UUID(int=0xCA)
TITLE, NAME = Place("share", "title", SHARE), Place("share", "file_name", SHARE)


def new_keyring(folder: Path) -> Keyring:
    create_keyring(folder / "keyring.json", PASSPHRASE, ["CTED", "OCT"], **CHEAP)
    return load_keyring(folder / "keyring.json", PASSPHRASE)


def new_holder(folder: Path) -> EmbeddedHolder:
    return EmbeddedHolder(new_keyring(folder), Floors(folder / "floors"))


def new_vault(folder: Path) -> Vault:
    root = folder / "store"
    root.mkdir(mode=0o700)
    return Vault(FilesystemStore(root))


def permit(body: str, *, share: UUID | None = None, document: UUID = DOCUMENT) -> Permit:
    """A permit as the policy gives it to a person of this body."""
    facts = Facts(
        type=ResourceType.SHARE if share else ResourceType.DOCUMENT,
        id=str(share or document),
        attributes={},
        originator="CTED",
        document=document,
        share=share,
    )
    subject = Subject(ADA, body, frozenset({Role.REVIEWER}), Level.CONFIDENTIAL, True, 0, UUID(int=1))
    return Permit(subject=subject, action=Action.DOCUMENT_READ, facts=facts, rules=(), policy_hash="")


def label_of(sealed: SealedObject) -> ObjectLabel:
    """The originator's own label, of a Confidential rendition."""
    return ObjectLabel(
        object_id=sealed.id,
        document_id=DOCUMENT,
        version=1,
        rendition_id=RENDITION,
        share_id=None,
        terms=None,
        level=1,
        caveats=frozenset({"originator_control"}),
        body="CTED",
        payload_nonce=sealed.nonce,
        payload_size=sealed.payload_size,
        kc=sealed.kc,
        ph=sealed.ph,
    )


def files_in(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


class Bucket:
    """An empty bucket of the server, and a store on it."""

    name = "vault"

    def __init__(self, server: S3Server) -> None:
        self.server = server
        server.empty(self.name)
        self.store = self.open(create=True)

    def open(self, *, create: bool = False, secret: str = "", **changes: object) -> S3Store:
        return S3Store(self.server.section(**({"bucket": self.name} | changes)), secret or self.server.secret_key, create=create)

    def again(self) -> S3Store:
        return self.open()

    def at_rest(self) -> list[str]:
        return list(self.server.at_rest(self.name))


@dataclass
class Exchange:
    """One object of CTED, sealed and wrapped, and everything needed to grant it to OCT."""

    folder: Path
    holder: EmbeddedHolder
    vault: Vault
    sealed: SealedObject
    key: FileKey
    label: ObjectLabel
    own: Wrap
    statement: GrantStatement

    def approvals(self, statement: GrantStatement | None = None) -> list[Approval]:
        digest = (statement or self.statement).digest()
        return [self.holder.approve(ADA, "proposed", "CTED", digest), self.holder.approve(CARLA, "approved", "CTED", digest)]

    def grant(self, approvals: list[Approval] | None = None, statement: GrantStatement | None = None) -> Grant:
        return self.holder.grant(
            statement or self.statement,
            self.approvals(statement) if approvals is None else approvals,
            wraps=[self.own],
            title=(TITLE, "Visit to Samoria"),
            file_name=(NAME, "S-2026-1.pdf"),
        )

    def restated(self, **changes: object) -> GrantStatement:
        return replace(self.statement, **changes)  # type: ignore[arg-type]


def new_exchange(folder: Path) -> Exchange:
    holder, vault = new_holder(folder), new_vault(folder)
    content = os.urandom(1000)
    sealed, key = vault.seal([content], len(content), RECIPIENT)
    label = label_of(sealed)
    statement = GrantStatement(
        share_id=SHARE,
        document_id=DOCUMENT,
        version=1,
        rendition_id=RENDITION,
        originator="CTED",
        recipient="OCT",
        level=1,
        caveats=label.caveats,
        terms=bytes(32),
        epoch=3,
        objects=(label,),
    )
    return Exchange(folder, holder, vault, sealed, key, label, holder.wrap_own(label, key), statement)
