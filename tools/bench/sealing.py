"""Seal (with `ph`, synced) and open 1 GiB in process, against the `age` command on the same file; and in how much memory."""

import secrets
import shutil
import subprocess  # nosec B404
import sys
from collections.abc import Iterator
from pathlib import Path

from portal.kernel.process import keep_buffers
from portal.vault.age import new_recovery_identity
from portal.vault.objects import FileKey, SealedObject, Vault
from portal.vault.store import FilesystemStore
from tools.bench.figures import GIB, MIB, Figure, NotThere, alternating, timed
from tools.tour.stage import ROOT

SMALL = 16 * MIB


def sealing(folder: Path) -> Iterator[Figure]:
    """Ours writes through a temporary file, syncs it and its folder; age writes and does not sync. Opened is thrown away by both."""
    age = shutil.which("age")
    if age is None:
        raise NotThere("there is no `age` on this machine (Debian: apt-get install age)")
    vault, (identity, recipient) = _vault(folder), new_recovery_identity()
    source, sealed_file, key_file = plain(folder, GIB), folder / "plain.age", folder / "key"
    key_file.write_text(identity + "\n", encoding="ascii")
    kept: list[tuple[SealedObject, FileKey]] = []

    def seal() -> float:
        for sealed, _ in kept:
            vault.discard(sealed)
        kept.clear()
        return timed(lambda: kept.append(_seal(vault, source, recipient)))

    def run(*arguments: str) -> float:
        return timed(lambda: subprocess.run([age, *arguments], check=True, stdout=subprocess.DEVNULL))  # nosec B603

    ours, theirs = alternating(seal, lambda: run("-r", recipient, "-o", str(sealed_file), str(source)))
    yield Figure(
        name="seal 1 GiB in process (with ph, synced), against age", ours=GIB / MIB / ours, theirs=GIB / MIB / theirs, unit="MiB/s",
        target=1.0, better="higher",
    )  # fmt: skip
    ours, theirs = alternating(
        lambda: timed(lambda: _open(vault, *kept[0])), lambda: run("-d", "-i", str(key_file), "-o", "/dev/null", str(sealed_file))
    )
    yield Figure(
        name="open 1 GiB in process, against age",
        ours=GIB / MIB / ours,
        theirs=GIB / MIB / theirs,
        unit="MiB/s",
        target=1.5,
        better="higher",
    )


def memory(folder: Path) -> Iterator[Figure]:
    """The peak of a process that seals and opens 1 GiB, against one that seals and opens 16 MiB: equal if memory is constant."""
    large, small = plain(folder, GIB), folder / "small"
    small.write_bytes(secrets.token_bytes(SMALL))
    ours, theirs = alternating(lambda: _peak(folder, large), lambda: _peak(folder, small), runs=5)
    yield Figure(name="memory to seal and open 1 GiB, against 16 MiB", ours=ours, theirs=theirs, unit="MiB", target=1.1, better="lower")


def plain(folder: Path, size: int) -> Path:
    """A file of this size; the same random MiB again and again, as nothing here compresses."""
    path = folder / f"plain-{size}"
    block = secrets.token_bytes(MIB)
    with path.open("wb") as file:
        for _ in range(size // MIB):
            file.write(block)
    return path


def _peak(folder: Path, source: Path) -> float:
    """MiB at most, in a process that does nothing else."""
    code = f"from pathlib import Path; from tools.bench.sealing import once; once(Path({str(folder)!r}), Path({str(source)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)  # nosec B603
    return float(done.stdout)


def once(folder: Path, source: Path) -> None:
    """Seal and open this file, throw both away, and print the peak of this process's memory in MiB (Linux)."""
    keep_buffers()
    vault = _vault(folder)
    sealed, key = _seal(vault, source, new_recovery_identity()[1])
    _open(vault, sealed, key)
    vault.discard(sealed)
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    print(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024)


def _vault(folder: Path) -> Vault:
    (folder / "objects").mkdir(exist_ok=True)
    return Vault(FilesystemStore(folder / "objects"))


def _seal(vault: Vault, source: Path, recipient: str) -> tuple[SealedObject, FileKey]:
    with source.open("rb") as file:
        return vault.seal(iter(lambda: file.read(MIB), b""), source.stat().st_size, recipient)


def _open(vault: Vault, sealed: SealedObject, key: FileKey) -> int:
    return sum(len(chunk) for chunk in vault.stream(sealed, key))
