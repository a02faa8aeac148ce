"""What a State is told when it asks whether its request is kept: a signed file, which it checks without the portal."""

import re
import subprocess  # nosec B404
import sys
import time
from pathlib import Path

from tools.tour.browser import Person
from tools.tour.stage import ROOT

SECONDS = 10  # the log is signed each second


def confirm_all(officer: Person, document: str) -> bool:
    """Whether a second officer confirmed each request of the document that waits for it, and one did."""
    page = officer.get(f"/documents/{document}").text
    waiting = set(re.findall(rf"/documents/{document}/requests/[0-9a-f-]{{36}}/confirm", page))
    return bool(waiting) and all(officer.post(path).status_code == 302 for path in waiting)


def attested(officer: Person, document: str, reference: str) -> str:
    """The attestation of the request with this reference, as soon as the log has signed its recording; nothing if there is none."""
    for _ in range(SECONDS):
        page = officer.get(f"/documents/{document}").text
        for path in sorted(set(re.findall(rf"/documents/{document}/requests/[0-9a-f-]{{36}}/attestation", page))):
            answer = officer.get(path)
            if answer.status_code == 200 and reference in answer.text:
                return answer.text
        time.sleep(1)
    return ""


def checked(file: Path, key: Path) -> tuple[int, str]:
    """What the small verifier says of this file, with nothing but the log's key: (exit code, its last line)."""
    command = [sys.executable, "-I", str(ROOT / "tools" / "verify_portal_log.py"), "--attestation", str(file), "--key", str(key)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # nosec B603
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()[-1]
