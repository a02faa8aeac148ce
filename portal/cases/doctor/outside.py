"""What the portal relies on elsewhere: the identity provider, and clocks that agree with this machine's."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import text

from portal.cases.doctor.findings import Finding, NotLooked, attention, fault, ok
from portal.cases.doctor.site import Site
from portal.identity.claims import ProviderDown
from portal.identity.probe import probe
from portal.kernel.config import IdentitySection, ProviderEntry
from portal.kernel.errors import PortalError
from portal.vault.s3 import S3Store

#: How far another clock may be from ours; beyond the second, signatures and tokens are refused.
NEAR, FAR = timedelta(seconds=30), timedelta(minutes=5)


def provider(site: Site) -> Iterator[Finding]:
    """Each answers, calls itself as the configuration does, publishes keys, and signs in a way that is taken here."""
    for entry in site.section(IdentitySection).provider:
        yield from _provider(site, entry)


def _provider(site: Site, entry: ProviderEntry) -> Iterator[Finding]:
    name = f"the sign-in service {entry.name!r}"
    try:
        seen = probe(entry.issuer, site.clock)
    except ProviderDown as error:
        yield fault(f"{name}: {error.detail}", "nobody can sign in there: does it run, and is its issuer in the configuration right?")
        return
    yield ok(f"{name} answers by its own name, with {seen.keys} keys")
    common = sorted(seen.algorithms & set(entry.algorithms))
    if common:
        yield ok(f"{name} signs with {', '.join(common)}")
    elif seen.algorithms:
        yield fault(
            f"{name} signs with {', '.join(sorted(seen.algorithms))}, which its algorithms in the configuration do not hold",
            "nobody can sign in there: name one of them, or change the provider's",
        )
    else:
        yield attention(f"{name} does not say how it signs", "try a sign-in")


def clock(site: Site) -> Iterator[Finding]:
    """Ours against those of the provider, the store and the database, as far as they are elsewhere and can be asked."""
    asked = False
    for name, said in _clocks(site):
        asked = True
        yield compared(name, said, site.clock.now())
    if not asked:
        yield attention("there was no other clock to compare this machine's with", "see that it keeps time (NTP)")


def compared(name: str, said: datetime, ours: datetime) -> Finding:
    """A judgement of another clock; it tells whole seconds, so that one second is no difference."""
    ahead = said - ours
    away = f"{name} {'is ahead of' if ahead > timedelta(0) else 'is behind'} this machine by {abs(ahead).total_seconds():.0f} s"
    advice = "set both by NTP: sign-ins, signed requests and the ends of shares rest on it"
    if abs(ahead) > FAR:
        return fault(away, advice)
    if abs(ahead) > NEAR:
        return attention(away, advice)
    return ok(f"{name} agrees with this machine to {max(1, round(abs(ahead).total_seconds()))} s")


def _clocks(site: Site) -> Iterator[tuple[str, datetime]]:
    """Each clock that answers. That one does not is told by its own check."""
    asked: list[tuple[str, Callable[[], datetime | None]]] = [
        *_providers(site),
        ("the store's clock", lambda: _stores(site)),
        ("the database's clock", lambda: _databases(site)),
    ]
    for name, ask in asked:
        try:
            said = ask()
        except (PortalError, NotLooked):
            continue
        if said is not None:
            yield name, said


def _providers(site: Site) -> list[tuple[str, Callable[[], datetime | None]]]:
    try:
        entries = site.section(IdentitySection).provider
    except NotLooked:
        return []
    return [(f"the clock of the sign-in service {entry.name!r}", partial(_provider_says, site, entry)) for entry in entries]


def _provider_says(site: Site, entry: ProviderEntry) -> datetime | None:
    return probe(entry.issuer, site.clock).at


def _stores(site: Site) -> datetime | None:
    opened = site.opened_store()
    return opened.clock() if isinstance(opened, S3Store) else None


def _databases(site: Site) -> datetime | None:
    with site.reading() as session:
        if session.get_bind().dialect.name != "postgresql":
            return None  # this machine's own
        said = session.scalar(text("SELECT clock_timestamp()"))
        return said if isinstance(said, datetime) else None
