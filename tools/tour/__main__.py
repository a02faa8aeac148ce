"""`python -m tools.tour tour [--keep DIR]` and `python -m tools.tour demo`."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from portal.kernel.config import load_config
from tools.tour.elsewhere import OWN, Sections, described, sections
from tools.tour.exchange import DIRECTIONS, Exchange, steal
from tools.tour.stage import ROOT, Stage
from tools.tour.transcript import Transcript


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tour", description="One whole exchange, performed through the real application.")
    modes = parser.add_subparsers(dest="mode", required=True)
    tour = modes.add_parser("tour", help="perform it in a temporary directory; exit 0 only if every step did what it must")
    tour.add_argument("--keep", type=Path, help="keep everything in this new directory")
    demo = modes.add_parser("demo", help="perform it once, then serve on loopback until Ctrl-C")
    demo.add_argument("--folder", type=Path, default=ROOT / "build" / "demo")
    demo.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, _stop)
    try:
        return _demo(arguments.folder, arguments.port) if arguments.mode == "demo" else _tour(arguments.keep)
    except KeyboardInterrupt:
        print("\nStopped.")
        return 130


def _tour(keep: Path | None) -> int:
    if keep is not None and keep.exists() and any(keep.iterdir()):
        print(f"{keep} is not empty; name a new directory", file=sys.stderr)
        return 2
    folder = keep.resolve() if keep is not None else Path(tempfile.mkdtemp(prefix="portal-tour-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        failed = _perform(Stage(folder, elsewhere=_elsewhere()), serve=False)
        if keep is not None:
            print(f"Kept in {keep}; PORTAL_CONFIG={keep}/config.toml names it.")
        return 1 if failed else 0
    finally:
        if keep is None:
            shutil.rmtree(folder)


def _demo(folder: Path, port: int) -> int:
    elsewhere = _elsewhere()
    if elsewhere != OWN:  # keys and log belong to one database: each has a folder of its own
        folder = folder.with_name(f"{folder.name}-{elsewhere.mark}")
    folder.mkdir(parents=True, exist_ok=True)
    return 1 if _perform(Stage(folder, ports=(port, port + 1), elsewhere=elsewhere), serve=True) else 0


def _elsewhere() -> Sections:
    """The database and the store that PORTAL_CONFIG names, or the demo's own."""
    named = os.environ.get("PORTAL_CONFIG")
    return sections(Path(named)) if named else OWN


def _perform(stage: Stage, *, serve: bool) -> int:
    transcript = Transcript()
    print("Setting the stage: keys, database, store, sample bodies, persons and States (all invented).")
    stage.prepare()
    config = load_config(stage.config)
    print(described(config))
    try:
        stage.start()
        for direction in DIRECTIONS:
            Exchange(stage, transcript, direction).run()
        steal(config, stage.folder, transcript)
        transcript.summary()
        if serve and not transcript.failed:
            _serve(stage)
    finally:
        stage.stop()
    return transcript.failed


def _serve(stage: Stage) -> None:
    print(f"\nThe portal serves at   {stage.portal}")
    print(f"Persons to sign in as  {stage.provider} offers them when you press 'Sign in'")
    print("  ada: uploader · carla: confidentiality officer · dana: releasing officer · uma: uploader and releasing officer")
    print("  others, and the persons of the Office, are on the provider's page.")
    print("Ctrl-C stops everything.")
    sys.stdout.flush()
    while True:
        stage.check()
        time.sleep(1)


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
