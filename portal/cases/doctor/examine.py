"""All checks, in the order in which a fault of one explains those of the next. Every one runs, whatever the others found."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from portal.cases.doctor import database, files, keys, log, machine, objects, office, outside, sandbox, scanner
from portal.cases.doctor.findings import Finding, Grade, NotLooked, attention, fault
from portal.cases.doctor.site import Site
from portal.kernel.config import config_file, load_sections
from portal.kernel.database import told
from portal.kernel.errors import Misconfigured, PortalError

#: What a command may call without a person; a literal in a test.
OFFLINE = frozenset({"examine"})


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    look: Callable[[Site], Iterable[Finding]]


CHECKS = (
    Check("configuration", files.configuration),
    Check("files", files.permissions),
    Check("policies", files.policies),
    Check("process", machine.process),
    Check("space", machine.space),
    Check("sandbox", sandbox.sandbox),
    Check("office", office.office),
    Check("scanner", scanner.scanner),
    Check("database", database.database),
    Check("keyring", keys.keyring),
    Check("floors", keys.floors),
    Check("store", objects.store),
    Check("objects", objects.objects),
    Check("log", log.log),
    Check("provider", outside.provider),
    Check("clock", outside.clock),
)


@dataclass(frozen=True, slots=True)
class Report:
    """(check, finding) in the order they were made."""

    findings: tuple[tuple[str, Finding], ...]

    @property
    def sound(self) -> bool:
        return all(finding.grade is not Grade.FAULT for _, finding in self.findings)


def examine(path: str | None = None, *, full: bool = False) -> Report:
    """Look at the installation of this configuration. Raises `Misconfigured` only if there is no file that can be read."""
    return report(opened(config_file(path), full=full))


def opened(file: Path, *, full: bool = False) -> Site:
    """The site of this configuration file, as far as it can be read."""
    try:
        file.read_bytes()
    except OSError as error:
        raise Misconfigured(f"the configuration {file} cannot be read: {error.strerror}") from error
    try:
        sections, faults = load_sections(file)
    except Misconfigured as error:
        return Site(file=file, sections={}, faults=(error.detail,), full=full)
    return Site(file=file, sections=sections, faults=tuple(faults), full=full)


def report(site: Site) -> Report:
    return Report(tuple((check.name, finding) for check in CHECKS for finding in found(check, site)))


def found(check: Check, site: Site) -> Iterator[Finding]:
    """The findings of one check; whatever ends it is a finding as well."""
    try:
        yield from check.look(site)
    except NotLooked as reason:
        yield attention(f"not looked at: {reason}", "mend that first, then ask again")
    except PortalError as error:
        yield from (fault(line.strip().removeprefix("- ")) for line in (error.detail or error.code).splitlines())
    except DBAPIError as error:
        yield fault(f"the database failed: {told(error)}", "does it run, and is [database] right? See docs/database.md")
    except OSError as error:
        yield fault(f"{error.filename or 'this machine'}: {error.strerror or type(error).__name__}", "see that it is there and can be used")
    except Exception as error:  # a check that fails in a way nobody foresaw must not pass for one that found nothing
        yield fault(f"the check itself failed ({type(error).__name__})", "report this: it is a fault of the doctor")
