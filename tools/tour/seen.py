"""The two witnesses of a stage, one of each body, and what everybody can check with their keys."""

import subprocess  # nosec B404
import sys
from dataclasses import dataclass
from pathlib import Path

import requests

from portal.audit.checkpoint import sign_checkpoint
from portal.audit.signing import load_log_key
from portal.cases.witnessing import LOGS, create_witness
from portal.kernel.clock import SystemClock
from portal.kernel.config import LogSection

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("directorate.demo/witness", "office.demo/witness")


@dataclass(frozen=True)
class Pair:
    """`ports`: where each of them listens on loopback."""

    folder: Path
    ports: tuple[int, int]

    def made(self) -> str:
        """Lines of a configuration that names both; their folders are made if there are none."""
        lines = []
        for name, port in zip(NAMES, self.ports, strict=True):
            home, kept = self._home(name), self._home(name) / "witness.vkey"
            if not kept.exists():
                kept.parent.mkdir(exist_ok=True)
                kept.write_text(create_witness(home, name) + "\n", encoding="utf-8")
            lines += ["", "[[log.witness]]", f'url = "http://127.0.0.1:{port}"', f'key = "{kept.read_text(encoding="utf-8").strip()}"']
        return "\n".join(lines) + "\n"

    def know(self, log: LogSection) -> None:
        """Give both the key of the log."""
        for name in NAMES:
            (self._home(name) / LOGS / "portal.vkey").write_text(f"{load_log_key(log.key, log.origin).verifier}\n", encoding="utf-8")

    def commands(self) -> list[list[str]]:
        serve = [sys.executable, "-m", "portal", "witness", "serve"]
        return [[*serve, str(self._home(name)), "--listen", f"127.0.0.1:{port}"] for name, port in zip(NAMES, self.ports, strict=True)]

    @property
    def key(self) -> Path:
        """The file with the key that verifies the log, as a witness has it."""
        return self._home(NAMES[0]) / LOGS / "portal.vkey"

    def checked(self, log: LogSection) -> tuple[int, str]:
        """The small verifier's word on the published log, with both witnesses demanded: (exit code, what it printed)."""
        command = [sys.executable, "-I", str(ROOT / "tools" / "verify_portal_log.py"), str(log.path), "--key", str(self.key)]
        for name in NAMES:
            command += ["--witness", str(self._home(name) / "witness.vkey")]
        command += ["--quorum", str(len(NAMES)), "--max-age", "120"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # nosec B603
        return done.returncode, (done.stdout + done.stderr).strip()

    def asked_to_sign_another(self, log: LogSection) -> list[int]:
        """What each answers to whoever stole the log's key and signs an empty history with it: HTTP status codes."""
        key = load_log_key(log.key, log.origin)
        forged = sign_checkpoint(key, 1, bytes(32), SystemClock().now()).note
        urls = [f"http://127.0.0.1:{port}/add-checkpoint" for port in self.ports]
        return [requests.post(url, data=f"old 0\n\n{forged}".encode(), timeout=10).status_code for url in urls]

    def _home(self, name: str) -> Path:
        return self.folder / f"witness-{name.partition('.')[0]}"
