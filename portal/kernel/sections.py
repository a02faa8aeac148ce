"""The sections of the configuration, as frozen dataclasses. What their keys may say together is checked in `consistency`."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from portal.kernel.log_sections import AuditSection as AuditSection
from portal.kernel.log_sections import LogSection as LogSection
from portal.kernel.log_sections import SyslogEntry as SyslogEntry
from portal.kernel.log_sections import WitnessEntry as WitnessEntry
from portal.kernel.vocabulary import Due, Level, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalSection:
    """`demo`: the development provider, where anybody can be anybody, may be named. It speaks http, so no other is."""

    public_url: str
    samples: bool = False
    demo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSection:
    """`proxies`: addresses and networks of the proxies in front, or "unix" for one that comes through a socket of this machine's.

    `patience_seconds`: a sender from whom no byte comes for so long loses the connection, and the thread is free.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    proxies: tuple[str, ...] = ()
    threads: int = 8
    patience_seconds: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSection:
    """`owner_url`, on PostgreSQL: the role that owns the tables and migrates. The role of `url` then can only add to the log."""

    url: str
    owner_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSection:
    """Sealed objects as files."""

    path: Path
    kind: str = "filesystem"


@dataclass(frozen=True, slots=True, kw_only=True)
class S3StoreSection:
    """Sealed objects in a bucket. `endpoint` is a host or host:port.

    `ca_file`: the only authorities whose certificates are believed; None for the system's. `header_bucket`: where lies what must be
    deletable at any time (age headers, what is transient); "" for the same bucket. `retention_days`: how long the server keeps a payload
    that a row names, whatever anybody asks; 0 for no lock.
    """

    kind: str
    endpoint: str
    bucket: str
    access_key: str
    secret_key_file: Path
    secure: bool = True
    region: str = "us-east-1"
    ca_file: Path | None = None
    header_bucket: str = ""
    retention_days: int = 0
    retention_mode: str = "compliance"


#: What `store.kind` may be, and the keys that go with it.
STORES = {"filesystem": StoreSection, "s3": S3StoreSection}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyringSection:
    """`post_quantum`: which kind of recovery identity `portal init` makes; a keyring that is there keeps its own."""

    path: Path
    passphrase_file: Path
    floors: Path
    post_quantum: bool = False


def beside(log: LogSection) -> Path:
    """Where a host's processes agree who works on what, if no other folder is named."""
    return log.path.parent / "places"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySection:
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadSection:
    """`max_bytes` a file; `person_bytes` a person may have on its way; `body_bytes` a body's documents and uploads hold. 0: no limit."""

    max_bytes: int = 4_000_000_000
    person_bytes: int = 20_000_000_000
    body_bytes: int = 0
    keep_days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderSection:
    """Limits of the process that parses files, how many there are at once on this host, and whether scans are read (by Tesseract).

    `workers`: so many whole documents at once, 0 for one each core; one more place is for single pages. `waiting`: so many in line for
    either, none longer than `wait_seconds`. `places`: the folder where the host's processes agree on that; None: beside the log's.
    """

    memory_bytes: int = 1536 * 1024 * 1024
    seconds: int = 120
    max_pages: int = 1000
    read_scans: bool = True
    workers: int = 0
    waiting: int = 2
    wait_seconds: int = 20
    places: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClamdSection:
    """The virus scanner that deposited files are shown to, on this machine: a Unix socket, or a loopback host and port; neither: none.

    `required`: without its answer no file is taken; otherwise the version says that it was not scanned. `seconds`: so long a file may take.
    """

    socket: Path | None = None
    host: str = ""
    port: int = 3310
    required: bool = True
    seconds: int = 120

    @property
    def address(self) -> str | tuple[str, int] | None:
        """Where it listens, as `socket` takes it; None if there is none."""
        return str(self.socket) if self.socket else (self.host, self.port) if self.host else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeSection:
    """Office files, where LibreOffice and bubblewrap are installed. Limits of a conversion: a process's memory, time, the file, its PDF."""

    enabled: bool = True
    memory_bytes: int = 3 * 1024 * 1024 * 1024
    seconds: int = 120
    max_bytes: int = 64_000_000
    record_bytes: int = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSection:
    idle_minutes: int = 20
    absolute_hours: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEntry:
    """A group of the identity provider, and what it makes of its members here."""

    name: str
    body: str
    role: Role
    clearance: Level = Level.CONFIDENTIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEntry:
    """A sign-in service (OpenID Connect), and whom it may assert: persons of `bodies`, as its groups say.

    `name` stands in addresses and in the log, `label` on the button. `step_up_acr`: what it says (`acr`) of somebody who just used a second
    factor, asked for in this order; empty if it cannot ask for one. `sign_in_max_hours`: whoever signed in there longer ago has to do so
    anew; 0 leaves that to the service. The portal proves there with a secret or with a key who it is.
    """

    name: str
    label: str
    issuer: str
    client_id: str
    client_secret_file: Path | None = None
    client_key_file: Path | None = None
    bodies: tuple[str, ...]
    algorithms: tuple[str, ...] = ("ES256", "RS256", "PS256")
    groups_claim: str = "groups"
    step_up_acr: tuple[str, ...] = ()
    sign_in_max_hours: int = 0
    group: tuple[GroupEntry, ...] = ()

    @property
    def credential_file(self) -> Path:
        """The secret's file, or the key's: `consistency` saw that there is exactly one."""
        file = self.client_key_file or self.client_secret_file
        assert file is not None
        return file


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySection:
    """`step_up_minutes`: for how long a second factor counts as fresh.

    `approval_wait_hours`: so long who newly holds the role of releasing officer does not approve, lift a hold, or shred.
    """

    step_up_minutes: int = 10
    approval_wait_hours: int = 24
    provider: tuple[ProviderEntry, ...] = ()

    def named(self, name: str) -> ProviderEntry:
        """The provider with this name; `KeyError` if there is none."""
        for entry in self.provider:
            if entry.name == name:
                return entry
        raise KeyError(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSection:
    """Accounts of the portal's own, for bodies without a sign-in service. `link_hours`: how long an enrolment link holds."""

    enabled: bool = False
    bodies: tuple[str, ...] = ()
    link_hours: int = 72

    def serves(self, body: str) -> bool:
        """May persons of this body have local accounts?"""
        return self.enabled and body in self.bodies


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultationSection:
    """Consulting a State before a release. `silence_procedure`: may it be shared once the deadline passed without an answer?"""

    silence_procedure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRule:
    """After how many years from the day of deposit a document of this body, of a kind or a level, is reviewed, asked about, and may go.

    No kind and no level: every document of the body. 0 years: this rule says nothing about that date.
    """

    body: str
    kind: str = ""
    level: str = ""
    review_years: int = 0
    declassify_years: int = 0
    retention_years: int = 0

    @property
    def level_number(self) -> int | None:
        return Level[self.level.upper()].value if self.level else None

    def years(self, due: Due) -> int:
        return {Due.REVIEW: self.review_years, Due.DECLASSIFICATION: self.declassify_years, Due.RETENTION: self.retention_years}[due]

    def fits(self, body: str, kind: str, level: int) -> bool:
        return self.body == body and self.kind in ("", kind) and self.level_number in (None, level)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSection:
    """Dates by rule. Of each date the first rule counts that fits and says something about it. By default there is none."""

    rule: tuple[ScheduleRule, ...] = ()

    def years(self, due: Due, body: str, kind: str, level: int) -> int:
        """0 where nothing is configured."""
        return next((rule.years(due) for rule in self.rule if rule.years(due) and rule.fits(body, kind, level)), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyEntry:
    code: str
    name: str
    short: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    portal: PortalSection
    database: DatabaseSection
    store: StoreSection | S3StoreSection
    keyring: KeyringSection
    log: LogSection
    policy: PolicySection
    identity: IdentitySection
    body: tuple[BodyEntry, ...]
    server: ServerSection = field(default_factory=ServerSection)
    uploads: UploadSection = field(default_factory=UploadSection)
    render: RenderSection = field(default_factory=RenderSection)
    clamd: ClamdSection = field(default_factory=ClamdSection)
    office: OfficeSection = field(default_factory=OfficeSection)
    session: SessionSection = field(default_factory=SessionSection)
    local: LocalSection = field(default_factory=LocalSection)
    consultation: ConsultationSection = field(default_factory=ConsultationSection)
    schedule: ScheduleSection = field(default_factory=ScheduleSection)
    audit: AuditSection = field(default_factory=AuditSection)

    @property
    def bodies(self) -> tuple[str, ...]:
        return tuple(entry.code for entry in self.body)

    @property
    def render_workers(self) -> int:
        """As many as are wanted; by itself one each core, but half of the threads stay for pages."""
        return self.render.workers or max(1, min(os.cpu_count() or 1, self.server.threads // 2))

    @property
    def render_waiting(self) -> int:
        """As many as are wanted, as long as a thread is left."""
        return max(0, min(self.render.waiting, self.server.threads - self.render_workers - 1))

    @property
    def places(self) -> Path:
        return self.render.places or beside(self.log)

    def named(self, code: str) -> BodyEntry:
        """The body with this code; `KeyError` if there is none."""
        for entry in self.body:
            if entry.code == code:
                return entry
        raise KeyError(code)
