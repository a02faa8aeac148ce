"""The keyring and the floors: do they open, are they this installation's, and are the floors as new as the database?"""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.doctor.findings import Finding, NotLooked, attention, fault, ok
from portal.cases.doctor.site import Site
from portal.cases.uow import PORTAL
from portal.identity.models import Person
from portal.identity.people import person_bytes
from portal.kernel.config import KeyringSection
from portal.kernel.errors import PortalError, Tampered
from portal.kernel.ids import new_id
from portal.kernel.sealing import Place
from portal.sharing.models import Share
from portal.vault.age import write_header
from portal.vault.fields import open_words, seal_words
from portal.vault.filekey import FileKey
from portal.vault.floors import Floors
from portal.vault.holder import EmbeddedHolder
from portal.vault.keyring import Keyring, KeyState
from portal.vault.label import ObjectLabel
from portal.vault.models import KeyWrap
from portal.vault.wrap import unwrap_key, wrap_key


def keyring(site: Site) -> Iterator[Finding]:
    """Opens; holds exactly the bodies of the configuration; each can wrap and open; the rows of the database are under these keys."""
    held = site.demanded_keyring()
    yield ok("the keyring opens with its passphrase")
    lacking, beyond = set(site.bodies) - set(held.bodies), set(held.bodies) - set(site.bodies)
    if lacking:
        yield fault(f"the keyring has no keys for {', '.join(sorted(lacking))}", "restore the right keyring, or correct [[body]]")
    if beyond:
        yield attention(f"the keyring has keys for {', '.join(sorted(beyond))}, which the configuration does not name", "correct [[body]]")
    for body in sorted(set(site.bodies) & set(held.bodies)):
        yield _tried(held, body)
    try:
        with site.reading() as session:
            yield from _fits(site, held, session)
    except NotLooked as reason:
        yield attention(f"whether the keyring is this database's was not looked at: {reason}")


def _tried(held: Keyring, body: str) -> Finding:
    """A key, a word and a header made and opened again, in memory only."""
    states = held.states(body)
    told = ", ".join(f"{key} {state.value.replace('_', '-')}" for key, state in sorted(states.items()))
    recipient = held.recovery(body)
    kind = "post-quantum" if recipient.startswith("age1pq") else "X25519"
    try:
        key, place = FileKey.new(), Place("doctor", "word", new_id())
        label = _label(body, key)
        wrap = wrap_key(held.active_kek(body), key, label, floor=0)
        register = held.active_register(body)
        opens = unwrap_key(held.kek(body, wrap.kek), wrap, label) == key
        opens = opens and open_words(register, body, place, seal_words(register, body, place, "word")) == "word"
        write_header(key, recipient)
    except PortalError as error:
        return fault(f"{body}: {error.detail} ({told})", "restore the keyring from its backup")
    if not opens:
        return fault(f"{body}: what its keys close, they do not open ({told})", "restore the keyring from its backup")
    return ok(f"{body}: keys wrap and open ({told}); its recovery recipient is {kind}")


def _label(body: str, key: FileKey) -> ObjectLabel:
    nonce = bytes(16)
    return ObjectLabel(
        object_id=new_id(), document_id=new_id(), version=1, rendition_id=None, share_id=None, terms=None, level=0,
        caveats=frozenset(), body=body, payload_nonce=nonce, payload_size=32, kc=key.commitment(nonce), ph=bytes(32),
    )  # fmt: skip


def _fits(site: Site, held: Keyring, session: Session) -> Iterator[Finding]:
    """Are the wraps in the database under keys that are here, and is a row's MAC made by them?"""
    named = {(body, key) for body, key in session.execute(select(KeyWrap.body, KeyWrap.kek).distinct())}
    usable = {(body, key) for body in held.bodies for key, state in held.states(body).items() if state is not KeyState.DESTROYED}
    lost = sorted(named - usable)
    if lost:
        keys = ", ".join(f"{key} of {body}" for body, key in lost[:5])
        yield fault(f"the database has wraps under keys that the keyring lacks ({keys})", "restore the newest keyring")
    person = session.scalar(select(Person).order_by(Person.created_at.desc()).limit(1))
    try:
        if person is not None:
            EmbeddedHolder(held, _floors(site)).check(PORTAL, "person", person_bytes(person), person.mac)
            yield ok("the keyring is the one that the database was written with")
    except Tampered:
        yield fault(
            "the newest account in the database was not written with this keyring, or was edited",
            "restore keyring and database of the same installation; if they are, run `portal audit verify`",
        )


def floors(site: Site) -> Iterator[Finding]:
    """There, readable, and not older than the database: a wrap above its floor was made under floors that are gone."""
    path = site.section(KeyringSection).floors
    if not path.exists():
        yield fault(
            f"{path} is missing: it says what was closed to whom",
            "restore it from its own backup; an empty one would open again what was closed",
        )
        return
    held = Floors(path)
    with site.reading() as session:
        rows = session.execute(
            select(KeyWrap.object_id, KeyWrap.body, KeyWrap.floor, Share.document_id).join(Share, Share.id == KeyWrap.share_id)
        ).all()
    over = under = 0
    for object_id, body, floor, document_id in rows:
        needed = held.floor_of(object_id, body) + held.floor_of(document_id, body)
        over, under = over + (floor > needed), under + (floor < needed)
    if over:
        yield fault(
            f"{path} is older than the database: {over} wraps are above their floor",
            "restore its newest backup; these open nothing until then",
        )
    if under:
        yield attention(
            f"{under} wraps are under their floor and open nothing: an act was cut short, or the database is from an old backup",
            "if it was restored, run `portal restore reconcile`; else let these be approved again",
        )
    if not over:
        yield ok(f"the floors are as new as the database ({len(rows)} wraps of other bodies)")


def _floors(site: Site) -> Floors:
    path = site.section(KeyringSection).floors
    if not path.exists():
        raise NotLooked("the floors are missing")
    return Floors(path)
