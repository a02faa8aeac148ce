"""What stands out in the log, for an auditor: found anew each time, under the same filter as everything that they read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.audit.sums import Sums
from portal.audit.unusual import Finding, Kind, unusual
from portal.cases.facts import BodyTarget
from portal.cases.log_filter import asked_for, chosen
from portal.cases.show_seen import Named, period, raise_alarm, whose
from portal.cases.uow import UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.log_sections import AuditSection
from portal.kernel.permit import Permit

NARROWED_BY = ("actor", "since", "until")
DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRow:
    """`what` with its number, `limit` the threshold in words, `narrows` the filter of the log that shows the events."""

    what: str
    who: Named
    first: datetime
    last: datetime
    limit: str
    narrows: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusualView:
    """`sections`: (heading, what is looked for, rows), of what is looked for at all. `cut`: there is more than is shown."""

    sections: list[tuple[str, str, list[FoundRow]]]
    since: str
    until: str
    shown: dict[str, str]
    cut: bool
    damaged: bool


def show_unusual(uow: UnitOfWork, permit: Permit, body: BodyTarget, *, given: Mapping[str, str]) -> UnusualView:
    """Everything that reaches a threshold of the configuration. Raises `Invalid` for a filter that cannot be read."""
    permit.must_cover(Action.AUDIT_READ, body)
    days, limits = period(uow.at, given, DAYS), uow.parts.config.audit
    asked = asked_for(uow, permit, dict(given) | days)
    uow.notes.detail |= {"view": "unusual", "narrowed": list(chosen(given))}
    rows: dict[Kind, list[FoundRow]] = {kind: [] for kind in Kind}
    cut = damaged = False
    if asked.wanted is not None:
        sums = Sums(uow.session, permit, asked.wanted)
        found = unusual(sums, limits)
        raise_alarm(uow, permit, sums, "unusual")
        cut, damaged = found.cut, sums.damaged
        for finding in found.findings:
            rows[finding.kind].append(_row(uow, permit, finding, limits))
    return UnusualView(
        sections=[(heading, sought, rows[kind]) for kind, heading, sought in _sought(limits)],
        **days,
        shown={name: asked.shown[name] for name in NARROWED_BY},
        cut=cut,
        damaged=damaged,
    )


def _sought(limits: AuditSection) -> list[tuple[Kind, str, str]]:
    night = f"from {limits.night_from} to {limits.night_until} UTC"
    told = [
        (Kind.DOWNLOADS, limits.downloads_a_day, "Many files taken out", f"{limits.downloads_a_day} or more by one person in a day"),
        (Kind.DOCUMENTS, limits.documents_a_day, "Many documents opened", f"{limits.documents_a_day} or more by one person in a day"),
        (Kind.ODD_HOURS, limits.night_acts, "Acts at odd hours", f"{limits.night_acts} or more by one person in one night, {night}"),
        (Kind.REFUSALS, limits.refusals, "Bursts of refusals", f"{limits.refusals} or more within {limits.refusals_minutes} minutes"),
        (
            Kind.SIGN_INS,
            limits.failed_sign_ins,
            "Failed sign-ins in a row",
            f"{limits.failed_sign_ins} or more, with no success between them and none an hour after the one before",
        ),
    ]
    return [(kind, heading, sought) for kind, number, heading, sought in told if number]


def _row(uow: UnitOfWork, permit: Permit, finding: Finding, limits: AuditSection) -> FoundRow:
    days = {"since": finding.first.date().isoformat(), "until": finding.last.date().isoformat()}
    who = whose(uow, permit, finding.who, days)
    more = {
        Kind.ODD_HOURS: {"from": limits.night_from, "to": limits.night_until},
        Kind.REFUSALS: {"outcome": "refused", **_clock(finding)},
        Kind.SIGN_INS: _clock(finding),
    }.get(finding.kind, {})
    return FoundRow(
        what=_what(finding),
        who=who,
        first=finding.first,
        last=finding.last,
        limit=f"{finding.threshold:,}",
        narrows={**who.narrows, **more},
    )


def _what(finding: Finding) -> str:
    return {
        Kind.DOWNLOADS: f"{finding.count:,} files taken out",
        Kind.DOCUMENTS: f"{finding.count:,} different documents opened",
        Kind.ODD_HOURS: f"{finding.count:,} acts at night",
        Kind.REFUSALS: f"{finding.count:,} refusals",
        Kind.SIGN_INS: f"{finding.count:,} failures to sign in",
    }[finding.kind]


def _clock(finding: Finding) -> dict[str, str]:
    """The minutes of the day, where it all happened on one."""
    if finding.first.date() != finding.last.date():
        return {}
    return {"from": f"{finding.first:%H:%M}", "to": f"{finding.last + timedelta(minutes=1):%H:%M}"}
