"""From an officer's press to the last byte: a recall at one portal while 1 GiB leaves another and a reader turns pages there.

Two real servers on one installation. The file is taken as fast as the line gives it, and pages are asked for without a pause. The time runs
from before the recall is sent, so that what the recall itself takes is in it, to the last byte of either that arrives.
"""

import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import requests

from portal.cases.sign_in import csrf_token
from portal.confidentiality.boxes import Withheld
from portal.confidentiality.render.build import build
from portal.gateway.sessions import COOKIE
from portal.kernel.ids import new_id
from tools.bench.entering import Sealed, enter
from tools.bench.figures import GIB, MIB, RUNS, Figure
from tools.bench.inhouse import Desk, InHouse
from tools.tour.beside import another_portal
from tools.tour.sample import SAMORIA

#: Seconds after which nothing more may come (invariant 10).
ALLOWED = 1.0
PATIENCE = 60


def recalling(folder: Path) -> Iterator[Figure]:
    bench = _Bench(folder / "portal")
    with another_portal(bench.house.folder) as one, another_portal(bench.house.folder) as other:
        bench.recalled(one, other)  # does not count
        times = [bench.recalled(one, other) for _ in range(RUNS)]
    yield Figure(
        name="from a recall to the last byte of 1 GiB and of pages at another portal, against the second allowed (worst run)",
        ours=max(times), theirs=ALLOWED, unit="s", target=1.0, better="lower",
    )  # fmt: skip
    yield Figure(
        name="the same, median",
        ours=statistics.median(times), theirs=ALLOWED, unit="s", target=1.0, better="lower",
    )  # fmt: skip


class _Bench:
    def __init__(self, folder: Path) -> None:
        self.house = InHouse(folder)
        self._uploader = self.house.desk("ada", "cted-uploaders")
        self._officer = self.house.desk("dana", "cted-releasing")
        self._reader = self.house.desk("omar", "oct-reviewers")
        self._number = 0
        parts = self.house.passage.parts
        block = bytes(MIB)
        self._file = parts.vault.seal((block for _ in range(GIB // MIB)), GIB, parts.recovery["CTED"])
        pack = build(parts.sandbox, [SAMORIA], withheld=Withheld(), title="A report").pack
        self._pack = parts.vault.seal([pack], len(pack), parts.recovery["CTED"])

    def recalled(self, one: int, other: int) -> float:
        """Seconds."""
        document, proposal, share = self._shared()
        begun, last = [threading.Event(), threading.Event()], [0.0, 0.0]

        def take() -> None:
            try:
                with _get(one, self._reader, f"/received/{share}/file", stream=True) as answer:
                    for piece in answer.iter_content(MIB // 4):
                        last[0] = time.monotonic() if piece else last[0]
                        begun[0].set()
            except requests.RequestException:
                return
            raise SystemExit("the file was through before the recall: nothing was measured")

        def turn() -> None:
            page = 0
            while _get(one, self._reader, f"/received/{share}/pages/{page % 3 + 1}").status_code == 200:
                last[1] = time.monotonic()
                begun[1].set()
                page += 1

        reader = threading.Thread(target=turn)
        reader.start()
        _wait(begun[1])
        taker = threading.Thread(target=take)
        taker.start()
        _wait(begun[0])
        pressed = time.monotonic()
        answer = requests.post(
            f"http://localhost:{other}/documents/{document}/proposals/{proposal}/recall",
            data={"csrf": csrf_token(self._officer.token), "reason": "Sent by mistake"},
            headers={"Cookie": f"{COOKIE}={self._officer.token}"},
            timeout=PATIENCE,
            allow_redirects=False,
        )
        if answer.status_code != 302:
            raise SystemExit(f"the recall was refused: {answer.status_code}")
        taker.join(PATIENCE)
        reader.join(PATIENCE)
        return max(last) - pressed

    def _shared(self) -> tuple[str, UUID, UUID]:
        self._number += 1
        document = self.house.document(self._uploader, f"CTED/2026/XSM/{self._number}", SAMORIA)
        subject = self.house.subject(self._uploader)
        enter(self.house.passage, subject, document, self._again(self._file), self._again(self._pack), pages=3)
        with self.house.passage.parts.read() as uow:
            rendition = uow.renditions.latest(UUID(document), "OCT")
            assert rendition is not None
        fields = {"recipient": "OCT", "purpose": "Follow-up", "use": "file", "rendition": str(rendition.id)}
        self._uploader.post(f"/documents/{document}/proposals", fields | {"looked": str(rendition.id)})
        with self.house.passage.parts.read() as uow:
            (proposal,) = uow.proposals.of_document(UUID(document))
        self._officer.post(f"/approvals/{proposal.id}/approve", {})
        return document, proposal.id, proposal.share_id

    def _again(self, sealed: Sealed) -> Sealed:
        """The same content as an object of its own."""
        return replace(sealed[0], id=new_id(), store_key=self.house.linked(sealed[0].store_key)), sealed[1]


def _get(port: int, desk: Desk, path: str, *, stream: bool = False) -> requests.Response:
    headers = {"Cookie": f"{COOKIE}={desk.token}"}
    return requests.get(f"http://localhost:{port}{path}", headers=headers, timeout=PATIENCE, stream=stream, allow_redirects=False)


def _wait(begun: threading.Event) -> None:
    if not begun.wait(PATIENCE):
        raise SystemExit("nothing came before the recall")
