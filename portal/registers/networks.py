"""Networks of bodies, such as the working groups of the joint report of 2018 (footnote 2): names and members, read from a file.

A network is no recipient and holds no key. It only says which bodies one may mean at once; each of them gets a share of its own.
"""

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from portal.kernel.errors import Misconfigured

NETWORKS = "networks.toml"
_CODE = re.compile(r"[A-Z][A-Z0-9-]{0,15}")


@dataclass(frozen=True, slots=True)
class Network:
    code: str
    name: str
    members: tuple[str, ...]


def load_networks(file: Path, bodies: Collection[str]) -> tuple[Network, ...]:
    """The networks of this file, in its order. Raises `Misconfigured` with every fault, each with what to do."""
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured(f"{file} cannot be read: {error}. Mend it, or put the shipped one back") from error
    entries = raw.get("network", [])
    if raw.keys() - {"network"} or not isinstance(entries, list):
        raise Misconfigured(f"{file}: write each network as a table of its own, [[network]], and nothing else")
    faults: list[str] = []
    found: dict[str, Network] = {}
    for number, entry in enumerate(entries, 1):
        network = _network(entry, frozenset(bodies), f"network {number}", faults)
        if network is not None and found.setdefault(network.code, network) is not network:
            faults.append(f"network {number}: the code {network.code} stands already. Give each network its own")
    if faults:
        raise Misconfigured(f"{file}:\n" + "\n".join(f"  - {fault}" for fault in faults))
    return tuple(found.values())


def _network(entry: object, bodies: frozenset[str], where: str, faults: list[str]) -> Network | None:
    if not isinstance(entry, dict) or entry.keys() != {"code", "name", "members"}:
        faults.append(f"{where}: write code, name and members, and nothing else")
        return None
    code, name, members = entry["code"], entry["name"], entry["members"]
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        faults.append(f"{where}: the code {code!r} cannot be used. Write capitals, digits and hyphens, at most 16")
    elif not isinstance(name, str) or not name.strip():
        faults.append(f"{where}: it has no name")
    elif not isinstance(members, list) or len(set(map(str, members))) != len(members):
        faults.append(f"{where}: its members are no list of different codes")
    elif unknown := sorted({str(member) for member in members} - bodies):
        faults.append(f"{where}: {', '.join(unknown)} is no body of this portal. Add it to [[body]] in the configuration, or leave it out")
    else:
        return Network(code, name, tuple(members))
    return None
