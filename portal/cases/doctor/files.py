"""The configuration, who may touch the files it names, and the rules of the policy."""

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from portal.audit.history import latest_detail
from portal.cases.doctor.findings import Finding, NotLooked, attention, fault, ok
from portal.cases.doctor.site import Site
from portal.cases.facts import compile_listings
from portal.kernel.config import DatabaseSection, IdentitySection, KeyringSection, LogSection, PolicySection, S3StoreSection, StoreSection
from portal.kernel.events import Event
from portal.policy import certificate
from portal.policy.load import PolicySet


def configuration(site: Site) -> Iterator[Finding]:
    """Parses, no unknown key, nothing that contradicts something else; a password in it makes it a secret."""
    for line in site.faults:
        yield fault(line, f"mend it in {site.file}")
    if not site.faults:
        yield ok(f"{site.file} can be used")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file or folder and what it is. `private`: nobody else may even read it; otherwise nobody else may write to it."""

    path: Path
    what: str
    private: bool = True


def permissions(site: Site) -> Iterator[Finding]:
    """Whether each file of the installation is there, is its user's, and is closed to everybody else."""
    kept = list(_kept(site))
    folders = {e.path.parent: Kept(e.path.parent, "the folder of " + e.what) for e in kept if e.private and not e.path.is_dir()}
    found = [finding for entry in [*kept, *folders.values()] for finding in judged(entry, site.user)]
    yield from found
    if not found:
        yield ok(f"{len(kept)} files and folders are here, ours, and closed to others")


def judged(entry: Kept, user: int) -> Iterator[Finding]:
    """What is wrong with one file or folder; `user` is the number of the user who should own it."""
    try:
        status = entry.path.stat()
    except FileNotFoundError:
        yield fault(f"{entry.what} {entry.path} is not there", "restore it from its backup, or correct the configuration")
        return
    folder, mode = stat.S_ISDIR(status.st_mode), stat.S_IMODE(status.st_mode)
    if status.st_uid not in {user, 0}:  # what is root's is no less safe
        yield attention(
            f"{entry.what} {entry.path} belongs to user {status.st_uid}, and this is user {user}",
            "run this as the user who serves, or chown it",
        )
    wanted = "700" if folder else "600"
    if mode & 0o022:
        yield fault(f"{entry.what} {entry.path} can be changed by others", f"chmod {wanted if entry.private else 'go-w'} {entry.path}")
    elif mode & 0o077 and entry.private:
        said = f"{entry.what} {entry.path} can be read by others", f"chmod {wanted} {entry.path}"
        yield attention(*said) if folder else fault(*said)


def _kept(site: Site) -> Iterator[Kept]:
    """All that the usable sections name."""
    sections = site.sections.values()
    password = any(isinstance(s, DatabaseSection) and any(make_url(u).password for u in (s.url, s.owner_url) if u) for s in sections)
    yield Kept(site.file, "the configuration, which holds a password," if password else "the configuration", private=password)
    for section in sections:
        match section:
            case DatabaseSection() if make_url(section.url).get_backend_name() == "sqlite":
                yield Kept(Path(make_url(section.url).database or ""), "the database")
            case StoreSection():
                yield Kept(section.path, "the store")
            case S3StoreSection():
                yield Kept(section.secret_key_file, "the store's secret")
            case KeyringSection():
                yield Kept(section.path, "the keyring")
                yield Kept(section.passphrase_file, "the keyring's passphrase")
                yield Kept(section.floors, "the floors")
            case LogSection():
                yield Kept(section.key, "the log's key")
                yield Kept(section.guard, "the log's guard")
                yield Kept(section.path, "the log's folder", private=False)
            case IdentitySection():
                for entry in section.provider:
                    yield Kept(entry.credential_file, f"the client's {'key' if entry.client_key_file else 'secret'} for {entry.name!r}")
            case PolicySection():
                yield Kept(section.path, "the rules", private=False)


def policies(site: Site) -> Iterable[Finding]:
    """The rules load: schema, house rules, canaries, proofs, and every list they make; and are they those that were adopted last?"""
    folder = site.section(PolicySection).path
    rules = PolicySet.load(folder, site.bodies)
    certificate.check(folder, rules.hash)
    compile_listings(rules, site.bodies)
    yield ok(f"{len(rules.rules)} rules hold, and every canary sings (policy {rules.hash[:8]})")
    try:
        with site.reading() as session:
            adopted = str(latest_detail(session, Event.POLICY_ADOPTED).get("policy", ""))
    except NotLooked:
        return
    if adopted and adopted != rules.hash:
        yield attention(
            f"the portal adopted policy {adopted[:8]} last, in {folder} is {rules.hash[:8]}",
            "a start adopts it only if two bodies approved it on /policy; if it is not meant, put the rules back",
        )
