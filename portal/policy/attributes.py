"""What the rules may look at of each kind of thing: read from Cedar's own rendering of the schema, never written by hand."""

import re
from collections.abc import Mapping
from functools import lru_cache

import cedarpy

from portal.policy.engine import Undecided

Schema = cedarpy.Schema
_ENTITY = r"^entity {kind}(?: in \[[^\]]*\])?(?: = \{{\n(.*?)\n\}})?;"


@lru_cache(maxsize=64)
def attributes_of(schema: Schema, kind: str) -> Mapping[str, str]:
    """Name and Cedar type of each attribute, in the order of names. `Undecided` if the schema has no such kind of thing."""
    found = re.search(_ENTITY.format(kind=kind), str(schema), re.MULTILINE | re.DOTALL)
    if found is None:
        raise Undecided(f"the schema has no {kind}")
    return dict(re.findall(r"^  (\w+): ([\w<>]+),?$", found[1] or "", re.MULTILINE))
