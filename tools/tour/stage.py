"""The stage: a directory with everything an installation needs, and the programs that run on it, on loopback."""

import os
import secrets
import signal
import socket
import subprocess  # nosec B404
import sys
import time
from collections.abc import Callable
from pathlib import Path

import requests

from portal.cases.offline import demand_unused
from portal.kernel.config import LogSection, load_config
from portal.kernel.errors import PortalError
from tools.tour.elsewhere import OWN, Sections
from tools.tour.seen import Pair
from tools.tour.thief import names

ROOT = Path(__file__).resolve().parents[2]
#: Seconds in which a program that was started must answer.
PATIENCE = 60

CONFIG = """\
# Written by the tour: an installation for this machine only, with invented States and persons.
[portal]
public_url = "{portal}"
samples = true
demo = true

[server]
host = "127.0.0.1"
port = {port}

[database]
url = "sqlite:///portal.db"

[store]
path = "objects"

[keyring]
path = "keys/keyring.json"
passphrase_file = "keys/passphrase"
floors = "keys/floors.jsonl"

[log]
origin = "portal.demo/log"
path = "log"
key = "keys/log.key"
guard = "keys/log.guard"

[policy]
path = "{policies}"

[identity]
approval_wait_hours = 0

[[identity.provider]]
name = "demo"
label = "Sign in as an invented person"
issuer = "{provider}"
client_id = "portal"
client_secret_file = "keys/client-secret"
bodies = ["CTED", "OCT"]
step_up_acr = ["second-factor"]
"""
BODIES = """
[[body]]
code = "CTED"
name = "Counter-Terrorism Committee Executive Directorate"
short = "Directorate"

[[body]]
code = "OCT"
name = "Office of Counter-Terrorism"
short = "Office"
"""
ROLES = {
    "uploaders": ("uploader", "confidential"),
    "confidentiality": ("confidentiality_officer", "strictly_confidential"),
    "releasing": ("releasing_officer", "strictly_confidential"),
    "reviewers": ("reviewer", "confidential"),
    "cleared": ("reviewer", "strictly_confidential"),
    "auditors": ("auditor", "unclassified"),
    "security": ("security_administrator", "unclassified"),
}


class Stage:
    """`folder` holds config.toml, keys, database, objects and log. Starting twice on one folder doubles nothing."""

    def __init__(self, folder: Path, *, ports: tuple[int, int] | None = None, elsewhere: Sections = OWN) -> None:
        self.folder = folder
        self.elsewhere = elsewhere
        self.port, self.provider_port = ports or (free_port(), free_port())
        self.portal = f"http://localhost:{self.port}"
        self.provider = f"http://127.0.0.1:{self.provider_port}"
        self.config = folder / "config.toml"
        self.witnesses = Pair(folder, (free_port(), free_port()))
        self._running: list[subprocess.Popen[bytes]] = []

    def prepare(self) -> None:
        """Make the installation if there is none."""
        os.umask(0o077)
        (self.folder / "keys").mkdir(parents=True, exist_ok=True)
        secret = self.folder / "keys" / "client-secret"
        if not secret.exists():
            secret.write_text(secrets.token_urlsafe(32) + "\n", encoding="utf-8")
        self.config.write_text(self._configuration(), encoding="utf-8")
        if (self.folder / "keys" / "keyring.json").exists():
            self._demand_the_same_database()
            self._command("migrate")
            self.witnesses.know(self.log)
            return
        made = self._command("init")
        self.witnesses.know(self.log)
        recovery = self.folder / "recovery-identities.txt"
        recovery.write_text("Keep these offline; this copy exists only because it is a demonstration.\n\n" + made, encoding="utf-8")

    def start(self) -> None:
        """Start provider and portal, and wait until both answer. Their addresses stay the same: a person is known by the provider's."""
        for port in (self.port, self.provider_port):
            if free_port(port) != port:
                raise SystemExit(
                    f"port {port} is in use on this machine. Stop what uses it, or run `make demo PORT=…` in a fresh build/demo."
                )
        provider = [sys.executable, "-m", "tools.devidp", "--demo", "--port", str(self.provider_port), "--client-id", "portal"]
        provider += ["--client-secret-file", str(self.folder / "keys" / "client-secret")]
        provider += ["--redirect-uri", f"{self.portal}/sign-in/demo/callback"]
        self._launch(provider, "provider.log")
        for witness in self.witnesses.commands():
            self._launch(witness, "witnesses.log")
        self._launch([sys.executable, "-m", "portal", "--config", str(self.config), "serve"], "portal.log")
        wait_for(lambda: requests.get(f"{self.provider}/.well-known/openid-configuration", timeout=2).ok, "the provider", self.check)
        wait_for(lambda: requests.get(f"{self.portal}/health", timeout=2).status_code == 200, "the portal", self.check)
        wait_for(lambda: self.witnesses.checked(self.log)[0] == 0, "the witnesses", self.check)

    @property
    def log(self) -> LogSection:
        return load_config(self.config).log

    def kill(self) -> None:
        """The portal ends as by a power cut: SIGKILL to it and its worker. `revive` starts it again; the provider runs on."""
        portal = self._running.pop()
        os.killpg(portal.pid, signal.SIGKILL)
        portal.wait(timeout=20)

    def revive(self) -> None:
        """Start the portal again after `kill`, at the same address, and wait until it answers."""
        self._launch([sys.executable, "-m", "portal", "--config", str(self.config), "serve"], "portal.log")
        wait_for(lambda: requests.get(f"{self.portal}/health", timeout=2).status_code == 200, "the portal", self.check)

    def check(self) -> None:
        """Raise if one of the programs ended by itself."""
        for process in self._running:
            if process.poll() is not None:
                raise SystemExit(f"a program ended by itself; see the .log files in {self.folder}")

    def stop(self) -> None:
        """Stop what was started here, by its own process."""
        for process in reversed(self._running):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._running:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
        self._running.clear()

    @property
    def serving(self) -> int:
        """The process that serves: gunicorn's one worker."""
        portal = self._running[-1].pid
        (worker,) = Path(f"/proc/{portal}/task/{portal}/children").read_text(encoding="ascii").split()
        return int(worker)

    def stored(self) -> int:
        """How many objects the store holds, half-written ones included."""
        return len(names(load_config(self.config)))

    def settles(self, count: int) -> bool:
        """Does the store come to hold this many files, and keep to it for a moment?"""
        end, calm = time.monotonic() + 15, 0
        while time.monotonic() < end and calm < 5:
            time.sleep(0.1)
            calm = calm + 1 if self.stored() == count else 0
        return calm == 5

    def verify(self) -> tuple[int, str]:
        """`portal audit verify`: (exit code, what it printed)."""
        done = subprocess.run(  # nosec B603
            [sys.executable, "-m", "portal", "--config", str(self.config), "audit", "verify"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, (done.stdout + done.stderr).strip()

    def _configuration(self) -> str:
        text = CONFIG.format(portal=self.portal, port=self.port, provider=self.provider, policies=ROOT / "policies")
        text = text.replace(OWN.text, self.elsewhere.text)
        return text + groups() + BODIES + self.witnesses.made()

    def _demand_the_same_database(self) -> None:
        try:
            demand_unused(load_config(self.config))
        except PortalError:
            return
        raise SystemExit(f"{self.folder} belongs to a database that is gone. Remove {self.folder}, and repeat.")

    def _command(self, name: str) -> str:
        done = subprocess.run(  # nosec B603
            [sys.executable, "-m", "portal", "--config", str(self.config), name], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode:
            advice = (
                "" if self.elsewhere == OWN else "PORTAL_CONFIG names this database and this store; without it, the demo has its own.\n"
            )
            raise SystemExit(f"portal {name} failed:\n{done.stdout}{done.stderr}{advice}")
        return done.stdout

    def _launch(self, command: list[str], log: str) -> None:
        with (self.folder / log).open("ab") as file:
            process = subprocess.Popen(  # nosec B603
                command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True
            )
        self._running.append(process)


def groups() -> str:
    """What the provider's groups mean: each body has one for each role."""
    lines = []
    for body in ("cted", "oct"):
        for group, (role, clearance) in ROLES.items():
            lines += ["", "[[identity.provider.group]]", f'name = "{body}-{group}"', f'body = "{body.upper()}"']
            lines += [f'role = "{role}"', f'clearance = "{clearance}"']
    return "\n".join(lines) + "\n"


def free_port(wanted: int | None = None) -> int:
    """`wanted` if it is free on loopback, else any free port."""
    for port in (wanted, 0):
        if port is None:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: a connection that ended lately is no obstacle
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return free_port(0)


def wait_for(ready: Callable[[], bool], what: str, check: Callable[[], None]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        check()
        try:
            if ready():
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise SystemExit(f"{what} did not answer within {PATIENCE} seconds")
