"""The log at a glance: key, guard, last checkpoints and queue. `full` verifies all of it, leaf by leaf."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import anchors
from portal.audit.checkpoint import read_checkpoint
from portal.audit.cosignature import WitnessVerifier
from portal.audit.findings import Findings
from portal.audit.integrity import integrity
from portal.audit.models import AuditCheckpoint
from portal.audit.signing import BadNote, VerifierKey, load_log_key
from portal.audit.verify import verify_log
from portal.audit.witnessed import Witnessed
from portal.cases.cross_check import with_tables
from portal.cases.doctor.findings import Finding, attention, fault, ok
from portal.cases.doctor.site import Site
from portal.kernel.config import LogSection

_ADVICE = "run `portal audit verify`, which says where, and restore the newest database"
#: Findings of a verification that are told one by one.
_TOLD = 20


def log(site: Site) -> Iterator[Finding]:
    """Proves nothing of the events; `full` does. What was signed is read before the database, as it was committed before."""
    section = site.section(LogSection)
    key = load_log_key(section.key, section.origin).verifier
    outside = Findings()
    signed = anchors.from_files(section.path, section.guard, key, outside)
    yield from (fault(finding.text, _ADVICE) for finding in outside.named)
    with site.reading() as session:
        last = session.execute(
            select(AuditCheckpoint.size, AuditCheckpoint.root, AuditCheckpoint.note).order_by(AuditCheckpoint.size.desc()).limit(1)
        ).one_or_none()
        found = [*_reaches(session, site, signed), *(_signed(key, *last) if last is not None else [])]
    yield from found
    if not outside.named and not found:
        yield ok("guard, published and stored checkpoint are signed, and the log reaches as far as they say")
    with site.reading() as session:
        yield _waiting(session, site)
    yield _witnessed(site, section, key)
    if site.full:
        yield from _verified(site, section, key)


def _reaches(session: Session, site: Site, signed: list[anchors.Anchor]) -> Iterator[Finding]:
    size = integrity(session, site.clock.now()).size
    for anchor in signed:
        if anchor.size > size:
            yield fault(f"the log in the database has {size} leaves, but {anchor.name} was signed for {anchor.size}", _ADVICE)


def _signed(key: VerifierKey, size: int, root: bytes, note: str) -> Iterator[Finding]:
    """The newest stored checkpoint bears our signature, and says what its row says."""
    try:
        head = read_checkpoint(note, key)
    except BadNote as error:
        yield fault(f"the newest checkpoint in the database cannot be relied on: {error.detail}", _ADVICE)
        return
    if (head.size, head.root) != (size, root):
        yield fault("the newest checkpoint in the database was changed: its row and its signed note differ", _ADVICE)


def _waiting(session: Session, site: Site) -> Finding:
    """How long the oldest event has waited for its leaf, and when the log was signed last."""
    state = integrity(session, site.clock.now())
    if state.late and state.oldest_pending is not None:
        said = f"{state.pending} events wait for their place in the log, the oldest for {_span(state.oldest_pending)}"
        return attention(said, "the portal gives it to them while it serves: does it run, and what does its output say?")
    if state.checkpoint is None:
        return ok("nothing was signed yet: the log is empty")
    age = _span(max(site.clock.now() - state.checkpoint.at, timedelta(0)))
    return ok(f"{state.size} leaves, grown last {age} ago; {state.pending} events wait")


def _witnessed(site: Site, section: LogSection, key: VerifierKey) -> Finding:
    """When enough witnesses signed last: without them nothing new is opened, and a history told twice stays unseen."""
    if not section.demanded:
        return attention("no witness has to sign the log", "have each body run one, and name it under [[log.witness]] (docs/witnesses.md)")
    verifiers = tuple(WitnessVerifier.parse(entry.key) for entry in section.witness)
    witnessed = Witnessed(section.witnessed, key, verifiers, section.demanded)
    last, now = witnessed.last(), site.clock.now()
    said = "never" if last is None else f"{_span(max(now - last, timedelta(0)))} ago"
    told = f"{section.demanded} of {len(verifiers)} witnesses signed the log last: {said}"
    if witnessed.within(timedelta(hours=section.witness_hours), now):
        return ok(told)
    return attention(told, "nothing new is opened until they sign: do they run, and what does the portal's output say of them?")


def _verified(site: Site, section: LogSection, key: VerifierKey) -> Iterator[Finding]:
    with site.reading() as session:
        report = verify_log(session, log_dir=section.path, verifier_key=key, guard_path=section.guard, at=site.clock.now())
        report = with_tables(session, report)
    for finding in report.findings[:_TOLD]:
        yield fault(finding.text)
    beyond = len(report.findings[_TOLD:]) + report.more
    if beyond:
        yield fault(f"{beyond} further findings", "run `portal audit verify`")
    if report.ok:
        yield ok(f"verified: {report.size} leaves, {report.checkpoints} checkpoints")


def _span(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
