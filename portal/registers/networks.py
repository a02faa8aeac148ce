"""Networks of bodies, such as the working groups of the joint report of 2018 (footnote 2): names and members, read from a file.

A network is no recipient and holds no key. It only says which bodies one may mean at once; each of them gets a share of its own.
"""

import csv
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from portal.kernel.errors import Misconfigured

NETWORKS = "networks.toml"
#: The first line of a list of members.
HEADER = ["network", "body"]
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


def load_members(file: Path, networks: Sequence[Network], bodies: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Who belongs to which network: CSV (RFC 4180) in UTF-8, `network,body`, a membership a line, codes only.

    The list is the whole: a network that it does not name has no member. Raises `Misconfigured` with every fault and its line.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.reader(opened, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Misconfigured(f"{file} cannot be read: {error}. Write it as CSV in UTF-8") from error
    if not rows or rows[0] != HEADER:
        raise Misconfigured(f"{file}: begin with the line {','.join(HEADER)}")
    members: dict[str, list[str]] = {network.code: [] for network in networks}
    faults: list[str] = []
    for number, row in enumerate(rows[1:], 2):
        if fault := _fault(row, members, bodies):
            faults.append(f"line {number}: {fault}")
        else:
            members[row[0]].append(row[1])
    if faults:
        raise Misconfigured(f"{file}, of which nothing was taken:\n" + "\n".join(f"  - {fault}" for fault in faults))
    return {code: tuple(found) for code, found in members.items()}


def _fault(row: list[str], members: Mapping[str, list[str]], bodies: Collection[str]) -> str | None:
    if len(row) != len(HEADER):
        return "write a network and a body, and nothing else"
    network, body = row
    if network not in members:
        return f"{network!r} is no network. Known: {', '.join(members)}"
    if body not in bodies:
        return f"{body!r} is no body of this portal. Add it to [[body]] in the configuration, or leave it out"
    return f"{body} stands already under {network}" if body in members[network] else None


def with_members(text: str, members: Mapping[str, tuple[str, ...]]) -> str:
    """The text of a file of networks with these members, everything else as it stands. Raises `Misconfigured` if it would not say so."""
    codes = iter(tomllib.loads(text)["network"])

    def line(_: re.Match[str]) -> str:
        return f"members = [{', '.join(f'{chr(34)}{body}{chr(34)}' for body in members[next(codes)['code']])}]"

    found = len(tomllib.loads(text)["network"])
    written, replaced = re.subn(r"^members = \[[^\]]*\]", line, text, count=found, flags=re.MULTILINE)
    if replaced != found or {entry["code"]: tuple(entry["members"]) for entry in tomllib.loads(written)["network"]} != dict(members):
        raise Misconfigured("the file of networks is written in another way than the shipped one: put that back, or fill it in by hand")
    return written
