"""The certificate of the proofs is for these very rules, or it is none."""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from subprocess import run
from typing import Any

import pytest

from portal.kernel.actions import OPEN_ACTIONS, Action
from portal.kernel.errors import Misconfigured
from portal.kernel.services import Task
from portal.policy.certificate import CERTIFICATE, Certificate, check

HASH = "6cc58bf2" * 8


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written(tmp_path)
    return tmp_path


def written(folder: Path, **changes: Any) -> None:
    """A certificate that would be accepted, but for the changes."""
    said: dict[str, Any] = {
        "policy": HASH,
        "invariants": "0" * 64,
        "proved": {"I16-closed-account": sorted({*Action, *Task} - OPEN_ACTIONS)},
        "mutants": 7,
        "cedarpy": version("cedarpy"),
        "z3": "5.4",
    }
    Certificate(**{**said, **changes}).write(folder)


def refused(folder: Path, *words: str) -> None:
    with pytest.raises(Misconfigured) as stopped:
        check(folder, HASH)
    for word in (*words, "Run `make prove`."):
        assert word in stopped.value.detail, stopped.value.detail


def test_a_certificate_for_these_rules_is_accepted(folder: Path) -> None:
    assert check(folder, HASH).mutants == 7


def test_without_a_certificate_nothing_is_accepted(folder: Path) -> None:
    (folder / CERTIFICATE).unlink()
    refused(folder, "have no certificate of their proofs")


def test_a_certificate_for_other_rules_is_refused(folder: Path) -> None:
    written(folder, policy="0" * 64)
    refused(folder, "for other rules (0000000000000000)", "(6cc58bf26cc58bf2)", "changed after the proofs")


def test_a_certificate_made_for_another_cedar_is_refused(folder: Path) -> None:
    written(folder, cedarpy="4.8.0")
    refused(folder, "was made for cedarpy 4.8.0")


def test_a_certificate_that_leaves_an_action_out_is_refused(folder: Path) -> None:
    written(folder, proved={"I16-closed-account": sorted({*Action, *Task} - OPEN_ACTIONS - {Action.SHARE_READ})})
    refused(folder, "proves nothing about share:read")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"policy": 1}'])
def test_what_is_no_certificate_is_refused(folder: Path, text: str) -> None:
    (folder / CERTIFICATE).write_text(text, encoding="utf-8")
    refused(folder, CERTIFICATE)


@pytest.mark.parametrize(
    ("name", "value"), [("policy", None), ("proved", []), ("proved", {"I01": 1}), ("proved", {"I01": [1]}), ("mutants", "7"), ("more", 1)]
)
def test_a_certificate_of_another_shape_is_refused(folder: Path, name: str, value: Any) -> None:
    file = folder / CERTIFICATE
    file.write_text(json.dumps({**json.loads(file.read_text(encoding="utf-8")), name: value}), encoding="utf-8")
    refused(folder, "is no certificate of proofs")


def test_the_portal_needs_no_prover_to_read_it() -> None:
    command = "import sys, portal.app, portal.policy.certificate; sys.exit('z3' in sys.modules)"
    assert run([sys.executable, "-c", command], check=False).returncode == 0
