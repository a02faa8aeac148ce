"""Read a few stored objects whole, those that were not read for the longest time, and compare every byte with what was sealed."""

from portal.cases.report_objects import Finding
from portal.cases.uow import Parts

#: At most so many objects a round, and after so many bytes no other is begun.
SAMPLE, BYTES = 20, 256 * 1024 * 1024


def check_objects(parts: Parts) -> list[Finding]:
    """What a round found, object by object. Raises `Unavailable` if the store does not answer: then nothing is known."""
    with parts.read() as uow:
        rows = uow.objects.longest_unchecked(SAMPLE)
    findings: list[Finding] = []
    budget = BYTES
    for row in rows:
        if budget <= 0:
            break
        findings.append(Finding(row.id, parts.vault.check(row.sealed(), whole=True), whole=True))
        budget -= row.payload_size
    return findings
