"""A log that was published, and the two programs that verify it."""

import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from portal.audit.checkpoint import Head, sign_checkpoint
from portal.audit.publishing import publish_log
from portal.audit.signing import LogKey
from portal.audit.tiles import Edge, published_entries, write_tile
from portal.cli.commands import main
from tests.rooms.audit.stage import NOON, Stage, reading
from tools.tour.stage import ROOT
from tools.verify_portal_log import main as small


@dataclass
class Mirror:
    """A log that was published to a folder, and its verifier."""

    stage: Stage
    folder: Path
    tool: str = "its own process"

    def publish(self) -> Head:
        return publish_log(self.stage.log_dir, self.folder, self.stage.key.verifier)

    def grow(self, events: int = 5) -> None:
        self.stage.happen(*[reading(number) for number in range(events)])
        self.stage.sequence()

    def verdict(self, *options: str, key: str = "", place: str = "") -> tuple[int, str]:
        """What the verifier says of the folder, or of another place."""
        file = self.folder.parent / "given.vkey"
        file.write_text(key or str(self.stage.key.verifier))
        where, given = place or str(self.folder), ["--key", str(file), *options]
        if self.tool == "its own process":
            command = [sys.executable, "-I", str(ROOT / "tools" / "verify_portal_log.py"), where, *given]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert "Traceback" not in done.stderr
            return done.returncode, done.stdout + done.stderr
        said = StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            code = small([where, *given]) if self.tool == "the small one" else portal(["audit", "verify", "--from-tiles", where, *given])
        return code, said.getvalue()

    def kept(self) -> Path:
        """The checkpoint as somebody keeps it for the next time."""
        return Path(shutil.copy(self.folder / "checkpoint", self.folder.parent / "kept"))

    def rebuild(self, entries: list[bytes], key: LogKey) -> None:
        """The folder as whoever holds `key` would make it of these entries: all its hashes fit."""
        shutil.rmtree(self.folder)
        edge = Edge()
        for entry in entries:
            for tile, content in edge.append(entry):
                write_tile(self.folder, tile, content)
        for tile, content in edge.partial():
            write_tile(self.folder, tile, content)
        (self.folder / "checkpoint").write_text(sign_checkpoint(key, edge.size, edge.root(), NOON).note)

    def entries(self) -> list[bytes]:
        return published_entries(self.folder, 0) or []


def portal(arguments: list[str]) -> int:
    """The command, which needs no configuration and begins no application for this."""
    return main(arguments, create_app=None, ready=None)  # type: ignore[arg-type]
