"""The decision that shares a document whose rendition has 10 GiB, against one whose file has 1 KiB: nothing is copied.

The portal inspects no PDF of 10 GiB, and a rendition of that size is not built here. 10 GiB are sealed once by the vault, synced, in the
portal's own store, and entered as the page pack of a rendition through the portal's own door for it, under the policy. Each run needs a
document of its own, as a decision is made once: further documents get objects of their own whose payload is another name of the same
file (a hard link). What is timed is the second officer's approval: the request, the decision of the policy, two MACs, the wraps, the
event, the commit.
"""

import statistics
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import disk_usage
from uuid import UUID

from portal.kernel.ids import new_id
from tools.bench.entering import enter
from tools.bench.figures import GIB, MIB, Figure, NotThere, timed
from tools.bench.inhouse import InHouse
from tools.tour.sample import report_pdf

LARGE = 10 * GIB
#: Approvals of each that count. They take milliseconds, so there may be more than elsewhere.
TIMES = 15


def sharing(folder: Path) -> Iterator[Figure]:
    if disk_usage(folder).free < 2 * LARGE:
        raise NotThere(f"{2 * LARGE // GIB} GiB of free disk are needed")
    bench = _Bench(folder)
    bench.approved(large=True), bench.approved(large=False)  # neither counts
    pairs = [(bench.approved(large=True), bench.approved(large=False)) for _ in range(TIMES)]
    ours, theirs = (statistics.median(times) * 1000 for times in zip(*pairs, strict=True))
    yield Figure(
        name="share a document of 10 GiB, against one of 1 KiB",
        ours=ours,
        theirs=theirs,
        unit="ms",
        target=1.0,
        better="lower",
        runs=TIMES,
        noise=0.1,
    )


class _Bench:
    def __init__(self, folder: Path) -> None:
        self._house = InHouse(folder / "portal")
        self._uploader = self._house.desk("ada", "cted-uploaders")
        self._officer = self._house.desk("dana", "cted-releasing")
        self._number = 0
        parts = self._house.passage.parts
        block = bytes(MIB)
        self._pack = parts.vault.seal((block for _ in range(LARGE // MIB)), LARGE, parts.recovery["CTED"])

    def approved(self, *, large: bool) -> float:
        """Seconds of the approval of a new document's share."""
        self._number += 1
        document = self._house.document(self._uploader, f"CTED/2026/XSM/{self._number}", small_pdf())
        if large:
            self._enter_large(document)
        else:
            self._uploader.post(f"/documents/{document}/renditions", {"recipient": "OCT"})
        with self._house.passage.parts.read() as uow:
            rendition = uow.renditions.latest(UUID(document), "OCT")
            assert rendition is not None
        fields = {"recipient": "OCT", "purpose": "Follow-up", "use": "view_only", "rendition": str(rendition.id)}
        self._uploader.post(f"/documents/{document}/proposals", fields | {"looked": str(rendition.id)})
        with self._house.passage.parts.read() as uow:
            (proposal,) = uow.proposals.of_document(UUID(document))
        return timed(lambda: self._officer.post(f"/approvals/{proposal.id}/approve", {}))

    def _enter_large(self, document: str) -> None:
        """Enter a rendition for OCT whose page pack is the object of 10 GiB."""
        sealed, key = self._pack
        again = replace(sealed, id=new_id(), store_key=self._house.linked(sealed.store_key))
        parts = self._house.passage.parts
        pdf = parts.vault.seal([b"pdf"], 3, parts.recovery["CTED"])
        enter(self._house.passage, self._house.subject(self._uploader), document, pdf, (again, key))


def small_pdf() -> bytes:
    """A PDF of 1 KiB: one page, and a remark to make it so."""
    content = report_pdf("A", [["1."]])
    cut = content.index(b"%%EOF")
    return content[:cut] + b"%" + b" " * (1024 - len(content) - 2) + b"\n" + content[cut:]
