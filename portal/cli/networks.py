"""`portal networks …`: who belongs to which network of bodies."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from portal.cases.import_networks import import_networks, networks_of
from portal.kernel.services import Service, Task


def add_networks(commands: Any) -> None:
    networks = commands.add_parser("networks", help="which bodies belong to which network").add_subparsers(dest="networks", required=True)
    networks.add_parser("show", help="print every network with its members")
    take = networks.add_parser("import", help="take the members from a list, in place of those there are")
    take.add_argument("file", type=Path, help="CSV, network,body: WG-1,OCT")


def networks(arguments: argparse.Namespace, passage: Any) -> int:
    if arguments.networks == "show":
        print("\n".join(told(networks_of(passage.parts))))
        return 0
    imported = import_networks(passage.parts, passage.acting(Service.OPERATOR, Task.NETWORKS_IMPORT), arguments.file)
    print("\n".join(told(imported.networks)))
    print(f"{len(imported.added)} new, {len(imported.removed)} gone.")
    return 0


def told(found: Sequence[Any]) -> Iterator[str]:
    for network in found:
        yield f"{network.code}  {network.name}: {', '.join(network.members) or 'no member'}"
