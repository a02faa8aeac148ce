"""Wiring: read the configuration, build the parts, open the doors, seal them."""

from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined
from sqlalchemy import make_url

from portal.audit.cosignature import WitnessVerifier
from portal.audit.cosigning import Asked, Witnesses
from portal.audit.grants import demand_insert_only
from portal.audit.guard import Guard
from portal.audit.sequencer import Sequencer
from portal.audit.signing import VerifierKey, load_log_key
from portal.audit.witnessed import Witnessed
from portal.cases.adopt_policy import adoption
from portal.cases.facts import compile_listings
from portal.cases.offline import demand_current, open_store, read_secret
from portal.cases.restored import demand_not_restored
from portal.cases.uow import Parts
from portal.confidentiality.render.bubble import Bubble
from portal.confidentiality.render.office import Office
from portal.confidentiality.render.places import Places
from portal.confidentiality.render.sandbox import Sandbox
from portal.confidentiality.render.tesseract import installed, nobody
from portal.documents.scanner import scanner_of
from portal.gateway.guard import seal
from portal.gateway.passage import Passage
from portal.gateway.problems import add_problems
from portal.gateway.proxies import Proxies
from portal.gateway.safety import add_headers, add_name
from portal.gateway.sessions import add_sessions
from portal.identity.oidc import Provider
from portal.kernel.clock import Clock, SystemClock
from portal.kernel.config import Config, LogSection, ProviderEntry
from portal.kernel.database import Database
from portal.kernel.errors import Misconfigured
from portal.kernel.reserve import Reserve
from portal.policy import certificate
from portal.policy.load import PolicySet
from portal.registers.member_states import MemberStates
from portal.vault.floors import Floors
from portal.vault.holder import EmbeddedHolder
from portal.vault.keyring import load_keyring
from portal.vault.objects import Vault
from portal.web import (
    accounts,
    approvals,
    audit,
    audit_pages,
    communications,
    comparing,
    confirm,
    deputies,
    disclosures,
    documents,
    downloads,
    ends,
    enrolment,
    entrance,
    erasing,
    exports,
    home,
    integrity,
    keeping,
    leaving,
    local_sign_in,
    log_exports,
    onward,
    own_account,
    passages,
    people,
    policy,
    reading,
    remarks,
    requests,
    sessions,
    transfers,
    uploads,
    who,
)
from portal.web.look import add_look
from portal.worker.loop import Worker


def wire(config: Config, *, clock: Clock | None = None) -> Parts:
    """Build every part, or raise `Misconfigured` with what to do. Opens no door."""
    time = clock or SystemClock()
    policies = PolicySet.load(config.policy.path, config.bodies)
    certificate.check(config.policy.path, policies.hash)
    compile_listings(policies, config.bodies)
    keyring = load_keyring(config.keyring.path, read_secret(config.keyring.passphrase_file))
    signer = load_log_key(config.log.key, config.log.origin)
    holder = EmbeddedHolder(keyring, _floors(config))
    witnessed = _witnessed(config.log, signer.verifier)
    return Parts(
        config=config,
        database=Database(config.database.url),
        clock=time,
        holder=holder,
        vault=Vault(open_store(config)),
        policies=policies,
        sandbox=Sandbox(
            memory_bytes=config.render.memory_bytes,
            seconds=config.render.seconds,
            max_pages=config.render.max_pages,
            max_input=config.uploads.max_bytes,
            tesseract=installed if config.render.read_scans else nobody,
            places=Places(config.places, config.render_workers, config.render_waiting, config.render.wait_seconds),
        ),
        scanner=scanner_of(config.clamd),
        office=Office(
            enabled=config.office.enabled,
            bubble=Bubble(
                memory_bytes=config.office.memory_bytes,
                seconds=config.office.seconds,
                max_input=config.office.max_bytes,
                max_output=config.office.record_bytes,
            ),
        ),
        providers={entry.name: _provider(config, entry, time) for entry in config.identity.provider},
        sequencer=Sequencer(
            config.log.path, Guard(config.log.guard, config.log.origin), signer, holder.floor_lines, _witnesses(config.log), witnessed
        ),
        reserve=_reserve(config),
        witnessed=witnessed,
        member_states=MemberStates(samples=config.portal.samples),
        recovery={body: keyring.recovery(body) for body in config.bodies},
    )


def _witnesses(log: LogSection) -> Witnesses:
    return Witnesses([Asked(entry.url, WitnessVerifier.parse(entry.key)) for entry in log.witness])


def _reserve(config: Config) -> Reserve:
    """Of the disks that an event needs: that of the log, and of the database if it is a file."""
    file = make_url(config.database.url).database if config.database.url.startswith("sqlite") else None
    folders = (config.log.path.parent, *((Path(file).parent,) if file else ()))
    return Reserve(folders, config.log.reserve_mb << 20)


def _witnessed(log: LogSection, key: VerifierKey) -> Witnessed | None:
    """What is kept of the witnesses' signatures, where any are demanded."""
    verifiers = [WitnessVerifier.parse(entry.key) for entry in log.witness]
    return Witnessed(log.witnessed, key, tuple(verifiers), log.demanded) if log.demanded else None


def _provider(config: Config, entry: ProviderEntry, clock: Clock) -> Provider:
    """A way back of its own for each, so that one provider's answer is never taken for another's (RFC 9700, section 4.4)."""
    back = f"{config.portal.public_url.rstrip('/')}/sign-in/{entry.name}/callback"
    return Provider(entry, read_secret(entry.credential_file), back, clock)


def _floors(config: Config) -> Floors:
    """The floors of this installation. Without the file everything that was closed would open again, so the portal does not start."""
    if not config.keyring.floors.exists():
        raise Misconfigured(
            f"{config.keyring.floors} is missing: it says what was closed to whom. Restore it from its own backup; if there is none, "
            "make it anew, empty and with mode 600, and run `portal restore reconcile`"
        )
    return Floors(config.keyring.floors)


def ready(config: Config) -> None:
    """Raise what would stop the portal from serving: `Misconfigured`, `Unavailable`, or the database's own failure. Opens no door."""
    parts = wire(config)
    try:
        demand_current(config)
        _check_database(parts)
    finally:
        parts.database.close()


def _check_database(parts: Parts) -> None:
    with parts.read() as uow:
        demand_insert_only(uow.session)
        adoption(uow)  # rules that nobody approved serve nobody
    demand_not_restored(parts)


def unserved(config: Config) -> tuple[Passage, Worker]:
    """For commands that work while nothing is served: the passage that records, and the loop's steps. Opens no door."""
    demand_current(config)
    passage = Passage(wire(config))
    return passage, Worker(passage)


def create_app(config: Config, *, clock: Clock | None = None, background: bool = True) -> Flask:
    """The sealed application. `background` also runs the loop that sequences the log."""
    parts = wire(config, clock=clock)
    passage = Passage(parts)
    app = Flask("portal", static_folder=None, template_folder=str(Path(__file__).parent / "web" / "templates"))
    app.config.update(
        PROVIDE_AUTOMATIC_OPTIONS=False,
        PUBLIC_URL=config.portal.public_url.rstrip("/"),
        MAX_CONTENT_LENGTH=256 * 1024,  # of a form; an upload's limit is its own
        MAX_FORM_MEMORY_SIZE=256 * 1024,
    )
    app.jinja_env.undefined = StrictUndefined
    app.url_map.merge_slashes = False  # it would answer `//x` before any door, with a redirect built from the name it was asked under
    app.wsgi_app = Proxies(app.wsgi_app, config.server.proxies)  # type: ignore[method-assign]
    app.extensions["passage"] = passage
    app.extensions["worker"] = Worker(passage)
    add_sessions(app, passage)
    add_name(app, passage)
    add_headers(app)
    add_problems(app)
    add_look(app, passage)
    for blueprint in (
        entrance.bp,
        confirm.bp,
        home.bp,
        documents.bp,
        exports.bp,
        log_exports.bp,
        uploads.bp,
        disclosures.bp,
        who.bp,
        passages.bp,
        comparing.bp,
        reading.reading,
        reading.received,
        downloads.bp,
        approvals.bp,
        requests.bp,
        communications.bp,
        ends.bp,
        keeping.bp,
        onward.bp,
        remarks.bp,
        transfers.bp,
        audit.bp,
        audit_pages.bp,
        integrity.bp,
        people.bp,
        erasing.bp,
        sessions.bp,
        leaving.bp,
        local_sign_in.bp,
        enrolment.bp,
        accounts.bp,
        own_account.bp,
        deputies.bp,
        policy.bp,
    ):
        app.register_blueprint(blueprint)
    seal(app)
    _check_database(parts)
    passage.adopt_policy()
    if background:
        app.extensions["worker"].start()
    return app
