"""Continuous integration forbids skips: the plugin that makes it so, run on small suites in a process of their own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SUITES = {
    "a mark": "import pytest\n@pytest.mark.skip(reason='no browser')\ndef test_it(): ...\n",
    "a call": "import pytest\ndef test_it(): pytest.skip('no browser')\n",
    "a fixture": "import pytest\n@pytest.fixture\ndef browser(): pytest.skip('no browser')\ndef test_it(browser): ...\n",
    "a whole module": "import pytest\npytest.skip('no browser', allow_module_level=True)\n",
    "a missing library": "import pytest\npytest.importorskip('there_is_no_such_module', reason='no browser')\n",
    "a unittest": "import unittest\nclass TestIt(unittest.TestCase):\n    def test_it(self): self.skipTest('no browser')\n",
    "a part of a test": "import pytest\ndef test_it(subtests):\n    with subtests.test('part'): pytest.skip('no browser')\n",
}
OTHERS = "import pytest\ndef test_passes(): ...\n@pytest.mark.xfail(strict=True)\ndef test_fails(): assert False\n"


def run(folder: Path, source: str, *options: str, forbid: bool) -> tuple[int, str]:
    (folder / "test_it.py").write_text(source)
    (folder / "test_others.py").write_text(OTHERS)
    (folder / "pytest.ini").write_text("[pytest]\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PORTAL_"))}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | ({"PORTAL_NO_SKIPS": "1"} if forbid else {})
    command = [sys.executable, "-m", "pytest", "-q", "-rfEs", "-p", "no:cacheprovider", "-p", "tests.no_skips", *options]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("kind", SUITES)
def test_a_skip_fails_where_skips_are_forbidden(tmp_path: Path, kind: str) -> None:
    code, output = run(tmp_path, SUITES[kind], forbid=True)
    assert code != 0
    assert "no browser" in output
    assert "Provide what it lacks" in output
    assert re.search(r"\b1 (failed|error)", "\n".join(output.splitlines()[-2:]))


@pytest.mark.parametrize("kind", ["a mark", "a whole module"])
def test_a_skip_fails_on_several_processes_too(tmp_path: Path, kind: str) -> None:
    code, output = run(tmp_path, SUITES[kind], "-n", "2", forbid=True)
    assert code != 0
    assert "Provide what it lacks" in output


def test_elsewhere_a_skip_is_named_and_fails_nothing(tmp_path: Path) -> None:
    code, output = run(tmp_path, SUITES["a mark"], forbid=False)
    assert code == 0
    assert "no browser" in output
    assert "1 passed, 1 skipped, 1 xfailed" in output


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    code, output = run(tmp_path, "def test_it(): ...\n", forbid=True)
    assert code == 0
    assert "2 passed, 1 xfailed" in output
