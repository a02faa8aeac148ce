"""Office files: are they taken here, and is what makes a PDF of one installed and allowed to run?"""

from collections.abc import Iterator

from portal.cases.doctor.findings import Finding, attention, ok
from portal.cases.doctor.site import Site
from portal.confidentiality.render.bubble import Bubble, Program
from portal.confidentiality.render.office import Office
from portal.confidentiality.render.refusal import FileRefused, RenderFailed
from portal.kernel.config import OfficeSection

PACKAGES = "bubblewrap libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui"
_NOTHING = Program(argv=("/usr/bin/true",))


def office(site: Site) -> Iterator[Finding]:
    if not site.section(OfficeSection).enabled:
        yield ok("PDF only is taken, as office.enabled says")
        return
    bubble = Bubble(seconds=10)
    lacking = Office(enabled=True, bubble=bubble).lacking()
    if lacking:
        advice = f"apt-get install {PACKAGES}, or set office.enabled = false"
        yield attention(f"office files are refused, PDF only is taken: not installed: {lacking}", advice)
        return
    try:
        bubble.run(_NOTHING, [b""])
    except (FileRefused, RenderFailed, OSError) as error:
        said = f"office files fail: bubblewrap makes no bubble here ({type(error).__name__})"
        yield attention(said, "allow this user namespaces (sysctl kernel.unprivileged_userns_clone=1), or set office.enabled = false")
        return
    yield ok("office files are taken; LibreOffice makes a PDF of each in a bubble")
