"""Import who belongs to which network, from a list that the bodies themselves gave. Names of networks are not taken from it, or made up.

What no rule reads opens nothing, so that one person at the machine suffices; the log says who came and who went.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from portal.cases.reconcile import ByItself
from portal.cases.uow import Notes, Parts
from portal.kernel.errors import Misconfigured
from portal.kernel.events import Event
from portal.registers.networks import NETWORKS, Network, load_members, load_networks, with_members


@dataclass(frozen=True, slots=True)
class Imported:
    """The networks as they are now, and `WG-1:OCT` for each membership that is new or gone."""

    networks: Sequence[Network]
    added: Sequence[str]
    removed: Sequence[str]


def networks_of(parts: Parts) -> Sequence[Network]:
    return load_networks(parts.config.policy.path / NETWORKS, parts.config.bodies)


def import_networks(parts: Parts, by_itself: ByItself, file: Path) -> Imported:
    """Take these members and no others; nothing, if they are so already. Raises `Misconfigured` with every fault; then nothing changed.

    The event comes first: a change without one cannot be, and a crash in between is mended by importing again.
    """
    place, before = parts.config.policy.path / NETWORKS, networks_of(parts)
    members = load_members(file, before, parts.config.bodies)
    were, are = _memberships({network.code: network.members for network in before}), _memberships(members)
    imported = Imported(
        [Network(network.code, network.name, members[network.code]) for network in before],
        sorted(are - were),
        sorted(were - are),
    )
    if are == were:
        return imported
    text = with_members(place.read_text(encoding="utf-8"), members).encode()
    written = _beside(place, text)
    notes = Notes(detail={"networks": sha256(text).hexdigest(), "added": [*imported.added], "removed": [*imported.removed]})
    try:
        by_itself(lambda uow: uow.also(Event.NETWORKS_IMPORTED, notes, originator=""))
        written.replace(place)
    finally:
        written.unlink(missing_ok=True)
    return imported


def _memberships(members: Mapping[str, Sequence[str]]) -> set[str]:
    return {f"{network}:{body}" for network, bodies in members.items() for body in bodies}


def _beside(place: Path, text: bytes) -> Path:
    """The text in a file beside the place, safely on the disk, with the place's own mode."""
    beside = place.with_suffix(".new")
    try:
        with beside.open("xb") as opened:
            os.fchmod(opened.fileno(), place.stat().st_mode & 0o777)
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
    except FileExistsError as error:
        raise Misconfigured(f"{beside} is there: another import runs, or one broke off. Remove it, and import again") from error
    return beside
