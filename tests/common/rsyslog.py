"""A real rsyslog on a free port of this machine, with TLS: what it understood of each message, as JSON, one a line."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.common.certificates import Authority
from tools.tour.stage import wait_for

#: `x509/name` takes whoever shows a certificate of the authority for this name, `anon` takes everybody.
CONFIGURATION = """
global(workDirectory="{folder}" defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="{authority}"
       defaultNetstreamDriverCertFile="{certificate}" defaultNetstreamDriverKeyFile="{certificate}" maxMessageSize="32k")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode={mode})
module(load="mmpstrucdata")
template(name="all" type="list") {{ property(name="jsonmesg") constant(value="\\n") }}
input(type="imtcp" address="127.0.0.1" port="{port}" listenPortFileName="{folder}/port")
action(type="mmpstrucdata")
action(type="omfile" file="{folder}/messages" template="all")
"""


@dataclass
class Rsyslog:
    folder: Path
    port: int

    def messages(self) -> list[dict[str, Any]]:
        """What came, in the order in which it came; the structured data under `facts`."""
        file = self.folder / "messages"
        text = file.read_text() if file.exists() else ""
        found = [json.loads(line) for line in text.splitlines()]
        return [{**each, "facts": each["$!"]["rfc5424-sd"]["portal@32473"]} for each in found]

    def wait(self, count: int) -> list[dict[str, Any]]:
        wait_for(lambda: len(self.messages()) >= count, f"{count} messages at rsyslog", lambda: None)
        return self.messages()


@contextmanager
def serving(folder: Path, authority: Authority, *, names: bool = False, port: int = 0) -> Iterator[Rsyslog]:
    """`names`: only a client with a certificate for portal.example is let in."""
    folder.mkdir(exist_ok=True)
    for name in ("port", "pid"):
        (folder / name).unlink(missing_ok=True)
    authority.serves("127.0.0.1")
    configuration = CONFIGURATION.format(
        folder=folder,
        authority=authority.file,
        certificate=authority.folder / "127.0.0.1.pem",
        mode='"x509/name" permittedPeer=["portal.example"]' if names else '"anon"',
        port=port,
    )
    (folder / "rsyslog.conf").write_text(configuration)
    command = ["/usr/sbin/rsyslogd", "-n", "-f", str(folder / "rsyslog.conf"), "-i", str(folder / "pid")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env={"PATH": os.defpath})

    def check() -> None:
        assert process.poll() is None, (folder / "log").read_text()

    try:
        wait_for(lambda: _listens(folder, port), "rsyslog", check)
        yield Rsyslog(folder, port or int((folder / "port").read_text()))
    finally:
        process.terminate()
        process.wait(timeout=20)


def _listens(folder: Path, port: int) -> bool:
    """Of a port that was named rsyslog writes nothing down."""
    if not port:
        return (folder / "port").exists() and bool((folder / "port").read_text())
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
