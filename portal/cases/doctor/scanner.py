"""The virus scanner that deposited files are shown to: whether it answers, and how old its signatures are."""

from collections.abc import Iterator

from portal.cases.doctor.findings import Finding, attention, fault, ok
from portal.cases.doctor.site import Site
from portal.documents.scanner import ScannerFailed, scanner_of
from portal.kernel.config import ClamdSection


def scanner(site: Site) -> Iterator[Finding]:
    found = scanner_of(site.section(ClamdSection))
    if found is None:
        yield ok("no virus scanner is configured: files are taken unscanned")
        return
    try:
        yield ok(f"the virus scanner answers: {_shown(found.version())}")
    except ScannerFailed as error:
        advice = "does it run, is [clamd] right, and may this user reach its socket?"
        if found.required:
            yield fault(f"{error.detail}, so no file is taken", advice)
        else:
            yield attention(f"{error.detail}, so files are taken unscanned", advice)


def _shown(version: str) -> str:
    return "".join(sign for sign in version if sign.isprintable())[:120]
