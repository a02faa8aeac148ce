"""Where nothing may be missing, a skipped test is a failed one.

Loaded with `-p tests.no_skips`; asleep unless `PORTAL_NO_SKIPS=1`. Works on the report, in the process that ran the test, so that the
counts that pytest prints at its end are honest already, under xdist too. An expected failure (xfail) is not a skip.
"""

import os
from collections.abc import Generator

import pytest

FORBIDDEN = os.environ.get("PORTAL_NO_SKIPS") == "1"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _judge(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _judge(report)
    return report


def _judge(report: pytest.TestReport | pytest.CollectReport) -> None:
    if FORBIDDEN and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, and here no test may be. Provide what it lacks. Its reason: {reason}"
