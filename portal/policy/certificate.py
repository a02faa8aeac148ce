"""The certificate of the proofs: `make prove` writes it beside the rules, and it speaks of exactly one text of them.

It is read here without the prover. It says that the proofs were made, not who made them: whoever may write the policy folder may write
a certificate too. What guards the folder is the adoption of its hash by two persons; the certificate guards them from adopting rules
that nobody proved. It is no part of the hash.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

from portal.kernel.actions import OPEN_ACTIONS, Action
from portal.kernel.errors import Misconfigured
from portal.kernel.services import Task

CERTIFICATE = "proofs.json"
PROVE = "Run `make prove`."


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """`policy`: the hash of the rules. `invariants`: the hash of what was to be proved. `proved`: invariant → actions, for each of which
    it holds. `mutants`: how many weaker rules each broke an invariant."""

    policy: str
    invariants: str
    proved: Mapping[str, Sequence[str]]
    mutants: int
    cedarpy: str
    z3: str

    @staticmethod
    def read(folder: Path) -> "Certificate":
        file = folder / CERTIFICATE
        try:
            said = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise Misconfigured(f"the rules in {folder} have no certificate of their proofs ({CERTIFICATE}). {PROVE}") from error
        except (OSError, ValueError) as error:
            raise Misconfigured(f"{file} cannot be read: {error}. {PROVE}") from error
        if not _is_one(said):
            raise Misconfigured(f"{file} is no certificate of proofs. {PROVE}")
        return Certificate(**said)

    def write(self, folder: Path) -> None:
        text = json.dumps(asdict(self), indent=1, sort_keys=True)
        (folder / CERTIFICATE).write_text(text + "\n", encoding="utf-8")


SHAPE = {field.name: {"proved": dict, "mutants": int}.get(field.name, str) for field in fields(Certificate)}


def _is_one(said: Any) -> bool:
    if not isinstance(said, dict) or {name: type(value) for name, value in said.items()} != SHAPE:
        return False
    return all(isinstance(actions, list) and all(isinstance(action, str) for action in actions) for actions in said["proved"].values())


def proofs_of(folder: Path, policy_hash: str) -> Certificate:
    """The certificate for exactly these rules, whatever version of the portal they are for. Raises `Misconfigured`."""
    found = Certificate.read(folder)
    place = folder / CERTIFICATE
    if found.policy != policy_hash:
        raise Misconfigured(
            f"{place} is for other rules ({found.policy[:16]}) than those in the folder ({policy_hash[:16]}): "
            f"a rule or the schema changed after the proofs. {PROVE}"
        )
    return found


def check(folder: Path, policy_hash: str) -> Certificate:
    """The certificate for exactly these rules and this portal. Raises `Misconfigured`, which says what is wrong with it."""
    found, place = proofs_of(folder, policy_hash), folder / CERTIFICATE
    if found.cedarpy != version("cedarpy"):
        raise Misconfigured(f"{place} was made for cedarpy {found.cedarpy}; this portal decides with {version('cedarpy')}. {PROVE}")
    proved = {action for actions in found.proved.values() for action in actions}
    if missing := sorted({*Action, *Task} - OPEN_ACTIONS - proved):
        raise Misconfigured(f"{place} proves nothing about {', '.join(missing)}. {PROVE}")
    return found
