"""What no single key of the configuration can know. Each fault is a sentence with the key and what to do."""

import re
from ipaddress import ip_network
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from portal.kernel.log_sections import ALL, AuditSection, minute_of_day
from portal.kernel.sections import (
    ClamdSection,
    Config,
    DatabaseSection,
    ProviderEntry,
    S3StoreSection,
    StoreSection,
)
from portal.kernel.vocabulary import CONTENT_ROLES, OVERSIGHT_ROLES, DocumentKind, Level, Role

#: How a receiver of the log is named, in rows and messages.
RECEIVER = re.compile(r"[a-z0-9_-]{1,64}")
#: How a body is named in keys, rules, rows and the log.
BODY_CODE = re.compile(r"[A-Z][A-Z0-9_-]{0,15}")
#: How a provider is named in addresses; what else stands at that place of an address is taken.
PROVIDER_NAME = re.compile(r"(?!(?:local|confirm)$)[a-z0-9][a-z0-9-]{0,31}")
TAKEN = ("local", "confirm")
#: Where an S3 server listens.
ENDPOINT = re.compile(r"(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9]|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
#: How a proxy is named that comes through a Unix socket: such a peer has no address.
UNIX = "unix"
#: Longer no enrolment link lies about; hours.
LONGEST_LINK = 168
#: In governance mode whoever holds a special right may delete sooner, in compliance mode nobody. Days: a hundred years.
RETENTION_MODES, LONGEST_RETENTION = ("compliance", "governance"), 36500

#: Years after which something can be asked about a document.
LONGEST_YEARS = 200
#: Hours a releasing officer may have to wait: a month.
LONGEST_WAIT = 24 * 30
#: Hours, too.
LONGEST_UNWITNESSED = 24 * 7
#: And how old a sign-in at a provider may be, at most, where that is limited.
LONGEST_SIGN_IN = 24 * 30


def cross_check(config: Config) -> list[str]:
    """What no single key can know."""
    faults = []
    if len(config.bodies) < 2 or len(set(config.bodies)) != len(config.bodies):
        faults.append("body: name at least two bodies, each code once")
    for body in config.body:
        if not BODY_CODE.fullmatch(body.code) or body.code == "PORTAL":
            faults.append(f"body.code {body.code!r}: capitals, digits, _ and -, at most 16, and not PORTAL")
    faults.extend(_check_address("portal.public_url", config.portal.public_url))
    faults.extend(_check_providers(config))
    faults.extend(_check_local(config))
    if config.uploads.max_bytes < 1 or config.uploads.keep_days < 1 or min(config.uploads.person_bytes, config.uploads.body_bytes) < 0:
        faults.append("uploads: max_bytes and keep_days must be at least 1, person_bytes and body_bytes at least 0 (no limit)")
    faults.extend(fault for entry in config.log.witness for fault in _check_address("log.witness.url", entry.url))
    faults.extend(_check_syslog(config))
    if not ALL <= config.log.quorum <= len(config.log.witness) or not 1 <= config.log.witness_hours <= LONGEST_UNWITNESSED:
        faults.append(f"log: quorum must be 0 to the number of witnesses (-1: all of them), witness_hours 1 to {LONGEST_UNWITNESSED}")
    if config.log.reserve_mb < 0:
        faults.append("log.reserve_mb must be at least 0 (no reserve)")
    faults.extend(_check_places(config))
    if not 0 <= config.log.erase_after_days <= 36_500:
        faults.append("log.erase_after_days must be 0 to 36500")
    faults.extend(check_clamd(config.clamd))
    faults.extend(_check_proxies(config.server.proxies))
    if not 0 <= config.identity.approval_wait_hours <= LONGEST_WAIT:
        faults.append(f"identity.approval_wait_hours must be 0 (no waiting) to {LONGEST_WAIT}")
    faults.extend(_check_schedule(config))
    faults.extend(_check_audit(config.audit))
    faults.extend(check_database(config.database))
    faults.extend(check_store(config.store))
    if config.portal.demo and (config.server.host not in LOOPBACK or urlsplit(config.portal.public_url).hostname not in LOOPBACK):
        faults.append("portal.demo is only for this machine: set server.host and portal.public_url to loopback, or demo to false")
    return faults


def _check_syslog(config: Config) -> list[str]:
    faults = []
    for number, entry in enumerate(config.log.syslog):
        where = f"log.syslog[{number}]"
        if not RECEIVER.fullmatch(entry.name) or not entry.host:
            faults.append(f"{where}: name needs 1 to 64 small letters, digits, _ and -, and host the receiver's name or address")
        if entry.body not in config.bodies:
            faults.append(f"{where}.body must be one of {', '.join(config.bodies)}: what touches it is sent, and nothing else")
        if not 1 <= entry.port <= 65535:
            faults.append(f"{where}.port must be 1 to 65535")
        if (entry.cert_file is None) != (entry.key_file is None):
            faults.append(f"{where}: cert_file and key_file go together")
    names = [entry.name for entry in config.log.syslog]
    if len(set(names)) != len(names):
        faults.append("log.syslog: give each receiver a name of its own")
    return faults


def _check_schedule(config: Config) -> list[str]:
    faults = []
    kinds, levels = [kind.value for kind in DocumentKind], [level.name.lower() for level in Level]
    for number, rule in enumerate(config.schedule.rule):
        if rule.body not in config.bodies:
            faults.append(f"schedule.rule[{number}].body must be one of {', '.join(config.bodies)}")
        if rule.kind and rule.kind not in kinds:
            faults.append(f"schedule.rule[{number}].kind must be empty, or one of {', '.join(kinds)}")
        if rule.level and rule.level not in levels:
            faults.append(f"schedule.rule[{number}].level must be empty, or one of {', '.join(levels)}")
        if not all(0 <= years <= LONGEST_YEARS for years in (rule.review_years, rule.declassify_years, rule.retention_years)):
            faults.append(f"schedule.rule[{number}]: years must be 0 (none) to {LONGEST_YEARS}")
    return faults


def _check_audit(audit: AuditSection) -> list[str]:
    faults = []
    numbers = (audit.downloads_a_day, audit.documents_a_day, audit.refusals, audit.night_acts, audit.failed_sign_ins)
    if min(numbers) < 0:
        faults.append("audit: each number must be at least 1, or 0 to look for nothing")
    if not 1 <= audit.refusals_minutes <= 24 * 60:
        faults.append("audit.refusals_minutes must be 1 to 1440")
    for name in ("night_from", "night_until"):
        try:
            minute_of_day(getattr(audit, name))
        except ValueError:
            faults.append(f"audit.{name} must be a time of day in UTC, from 00:00 to 23:59")
    if audit.night_from == audit.night_until:
        faults.append("audit.night_from and night_until must differ; to look for nothing set night_acts to 0")
    return faults


def _check_places(config: Config) -> list[str]:
    """A document that is worked on holds a thread: pages must find one."""
    render = config.render
    if min(render.workers, render.waiting, render.wait_seconds) < 0:
        return ["render.workers, waiting and wait_seconds must be at least 0"]
    if render.workers and render.workers >= config.server.threads:
        return [f"render.workers would hold every thread: set server.threads to {render.workers + 2} or more, or make them fewer"]
    return []


def check_clamd(clamd: ClamdSection) -> list[str]:
    faults = []
    if clamd.socket and clamd.host:
        faults.append("clamd: set socket, or host and port, not both")
    if clamd.host and clamd.host not in LOOPBACK:
        faults.append("clamd.host must be this machine (127.0.0.1): files are handed over in clear; use a socket, or leave it empty")
    if not 1 <= clamd.port <= 65535 or clamd.seconds < 1:
        faults.append("clamd: port must be 1 to 65535, seconds at least 1")
    return faults


def _check_proxies(proxies: tuple[str, ...]) -> list[str]:
    """Each is an address or a network, but not the one that holds everybody."""
    faults = []
    for name in proxies:
        try:
            fits = name == UNIX or ip_network(name).prefixlen > 0
        except ValueError:
            fits = False
        if not fits:
            faults.append(f"server.proxies: {name!r} is no address or network of proxies (10.1.2.3, 10.1.2.0/24), and not {UNIX!r}")
    return faults


def _check_address(key: str, url: str) -> list[str]:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return []
    return [f"{key} must be an https address (http only on this machine)"]


def _check_providers(config: Config) -> list[str]:
    providers = config.identity.provider
    faults = []
    if not providers and not config.local.enabled:
        faults.append("identity.provider: name at least one sign-in service, or enable local accounts")
    for key, values in (("name", [entry.name for entry in providers]), ("issuer", [entry.issuer for entry in providers])):
        if len(set(values)) != len(values):
            faults.append(f"identity.provider: two have the same {key}; each is another")
    for entry in providers:
        if not PROVIDER_NAME.fullmatch(entry.name):
            faults.append(f"identity.provider {entry.name!r}: a name has 1 to 32 of a-z, 0-9 and -, and is not {' or '.join(TAKEN)}")
        faults.extend(_check_provider(config, entry, f"identity.provider {entry.name!r}"))
    return faults


def _check_provider(config: Config, entry: ProviderEntry, key: str) -> list[str]:
    """A provider asserts persons of its own bodies, and no group of its makes an overseer a reader."""
    faults = _check_address(f"{key}: issuer", entry.issuer)
    if urlsplit(entry.issuer).scheme == "http" and not config.portal.demo:
        faults.append(f"{key}: without https it is the development provider, and that one only goes with portal.demo = true")
    if not entry.bodies or not set(entry.bodies) <= set(config.bodies):
        faults.append(f"{key}: bodies names the bodies whose persons it may vouch for; known: {', '.join(config.bodies)}")
    if (entry.client_secret_file is None) == (entry.client_key_file is None):
        faults.append(f"{key}: set client_secret_file, or client_key_file if it knows the portal by a key (docs/sign-in.md): one of them")
    if not 0 <= entry.sign_in_max_hours <= LONGEST_SIGN_IN:
        faults.append(f"{key}: sign_in_max_hours must be 0 (the service decides) to {LONGEST_SIGN_IN}")
    by_group: dict[str, set[Role]] = {}
    for group in entry.group:
        if group.body not in entry.bodies:
            faults.append(f"{key}: group {group.name!r} is of {group.body!r}, which is not one of its bodies ({', '.join(entry.bodies)})")
        by_group.setdefault(group.name, set()).add(group.role)
    for name, roles in by_group.items():
        if roles & CONTENT_ROLES and roles & OVERSIGHT_ROLES:
            faults.append(f"{key}: group {name!r} gives an auditor or administrator a content role; nobody may hold both")
    return faults


def _check_local(config: Config) -> list[str]:
    local, faults = config.local, []
    if not set(local.bodies) <= set(config.bodies) or (local.enabled and not local.bodies):
        faults.append(f"local.bodies names the bodies whose persons may have local accounts; known: {', '.join(config.bodies)}")
    if not 1 <= local.link_hours <= LONGEST_LINK:
        faults.append(f"local.link_hours must be 1 to {LONGEST_LINK}")
    return faults


def check_database(database: DatabaseSection) -> list[str]:
    """Faults of the addresses, which are not repeated here: they may hold a password."""
    faults = []
    for key, url in (("url", database.url), ("owner_url", database.owner_url)):
        if not url and key == "owner_url":
            continue
        try:
            address = make_url(url)
            fits = address.drivername in {"sqlite", "postgresql"} and bool(address.database) and address.query.keys() <= {"unix_sock"}
        except (ArgumentError, ValueError):
            fits = False
        if not fits:
            faults.append(f"database.{key} must be sqlite:///a/file or postgresql://role@host/database (docs/database.md)")
        elif key == "owner_url" and address.drivername == "sqlite":
            faults.append("database.owner_url is for PostgreSQL only: leave it out")
    return faults


def check_store(store: StoreSection | S3StoreSection) -> list[str]:
    if not isinstance(store, S3StoreSection):
        return []
    faults = [f"store.{key} must not be empty" for key in ("bucket", "access_key", "region") if not getattr(store, key)]
    if not ENDPOINT.fullmatch(store.endpoint):
        faults.append(f"store.endpoint must be a host or host:port, without https:// and path, not {store.endpoint!r}")
    elif not store.secure and urlsplit(f"//{store.endpoint}").hostname not in LOOPBACK:
        faults.append("store.secure may be false only for a server on this machine: set it to true")
    if store.ca_file and not store.secure:
        faults.append("store.ca_file is for https: leave it empty, or set store.secure to true")
    if store.header_bucket == store.bucket:
        faults.append("store.header_bucket must be another bucket than store.bucket, or empty")
    if not 0 <= store.retention_days <= LONGEST_RETENTION:
        faults.append(f"store.retention_days must be 0 (no lock) to {LONGEST_RETENTION}")
    elif store.retention_days and not store.header_bucket:
        faults.append("store.retention_days needs store.header_bucket: a bucket without lock for what must be deletable (docs/storage.md)")
    if store.retention_mode not in RETENTION_MODES:
        faults.append(f"store.retention_mode must be one of {', '.join(RETENTION_MODES)}")
    return faults
