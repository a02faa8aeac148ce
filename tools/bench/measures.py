"""What is measured: each function gives (name, ours, theirs, unit, target); runs of ours and theirs alternate, medians count."""

import secrets
import shutil
import sqlite3
import statistics
import subprocess  # nosec B404
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from flask import Flask

from portal.cases.offline import initialise
from portal.kernel.config import load_config
from portal.vault.age import new_recovery_identity
from portal.vault.objects import FileKey, SealedObject, Vault
from portal.vault.store import FilesystemStore
from tools.tour.stage import BODIES, CONFIG, ROLES, ROOT

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Figure:
    """`ratio` is ours over theirs, so that more is better where `unit` is a rate and worse where it is a time."""

    what: str
    ours: float
    theirs: float
    unit: str
    target: str

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


def alternating(ours: Callable[[], float], theirs: Callable[[], float], times: int = 5) -> tuple[float, float]:
    """Medians of `times` runs each, taken in turn, after one run of each that does not count."""
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(times)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def sealing(folder: Path, size: int = 256 * MIB) -> Iterator[Figure]:
    """Seal (with `ph`, synced) and open, in process, against the `age` command on the same file."""
    age = shutil.which("age")
    if age is None:
        return
    (folder / "objects").mkdir()
    vault, (identity, recipient) = Vault(FilesystemStore(folder / "objects")), new_recovery_identity()
    block = secrets.token_bytes(MIB)
    source, sealed_file, key_file = folder / "plain", folder / "plain.age", folder / "key"
    with source.open("wb") as file:
        for _ in range(size // MIB):
            file.write(block)
    key_file.write_text(identity + "\n")
    kept: list[tuple[SealedObject, FileKey]] = []

    def seal() -> float:
        for sealed, _ in kept:
            vault.discard(sealed)
        kept.clear()
        with source.open("rb") as file:
            return timed(lambda: kept.append(vault.seal(iter(lambda: file.read(MIB), b""), size, recipient)))

    def opened() -> float:
        sealed, key = kept[0]
        return timed(lambda: sum(len(chunk) for chunk in vault.stream(sealed, key)))

    def run(*arguments: str) -> float:
        return timed(lambda: subprocess.run([age, *arguments], check=True, stdout=subprocess.DEVNULL))  # nosec B603

    ours, theirs = alternating(seal, lambda: run("-r", recipient, "-o", str(sealed_file), str(source)))
    yield Figure("seal 256 MiB, against age", size / MIB / ours, size / MIB / theirs, "MiB/s", ">= 1.0")
    ours, theirs = alternating(opened, lambda: run("-d", "-i", str(key_file), "-o", "/dev/null", str(sealed_file)))
    yield Figure("open 256 MiB, against age", size / MIB / ours, size / MIB / theirs, "MiB/s", ">= 1.5")


def installation(folder: Path) -> Path:
    """A portal to measure on; nobody signs in through the provider."""
    (folder / "keys").mkdir(parents=True)
    secret = folder / "keys" / "client-secret"
    secret.write_text(secrets.token_urlsafe(32))
    secret.chmod(0o600)
    text = CONFIG.format(portal="http://localhost:8000", port=8000, provider="http://127.0.0.1:8001", policies=ROOT / "policies")
    for body in ("cted", "oct"):
        for group, (role, clearance) in ROLES.items():
            text += f'\n[[identity.group]]\nname = "{body}-{group}"\nbody = "{body.upper()}"\nrole = "{role}"\nclearance = "{clearance}"\n'
    file = folder / "config.toml"
    file.write_text(text + BODIES)
    initialise(load_config(file), memory_kib=64, passes=1, lanes=1)
    return file


def bare_insert(folder: Path) -> Callable[[], object]:
    """The same Flask, one route, one INSERT with the same durability: what a page costs without guard, policy and log."""
    app = Flask("bare")
    database = sqlite3.connect(folder / "bare.db", check_same_thread=False, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("create table event (id text, what text)")

    @app.get("/")
    def page() -> str:
        database.execute("begin immediate")
        database.execute("insert into event values (?, ?)", (str(UUID(bytes=secrets.token_bytes(16))), "page"))
        database.execute("commit")
        return "<!doctype html><title>page</title>" + "x" * 4000

    client = app.test_client()
    return lambda: client.get("/")
