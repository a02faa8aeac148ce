"""`portal doctor`: prints what the examination found, a line each, or all of it as JSON."""

import json
from collections import Counter

from portal.cases.doctor.examine import Report, examine


def doctor(config: str | None, *, full: bool, as_json: bool) -> int:
    """0 if there is no fault, 1 if there is. Raises `Misconfigured` if there is no configuration file to begin with."""
    report = examine(config, full=full)
    print(_json(report) if as_json else _lines(report))
    return 0 if report.sound else 1


def _lines(report: Report) -> str:
    counts = Counter(finding.grade.value for _, finding in report.findings)
    lines = [f"{finding.grade.value:<10} {check:<14} {finding.line}" for check, finding in report.findings]
    return "\n".join([*lines, ", ".join(f"{counts[grade]} {grade}" for grade in ("ok", "attention", "fault"))])


def _json(report: Report) -> str:
    findings = [
        {"check": check, "grade": finding.grade.value, "text": finding.text, "advice": finding.advice} for check, finding in report.findings
    ]
    return json.dumps({"sound": report.sound, "findings": findings}, indent=1, ensure_ascii=False)
