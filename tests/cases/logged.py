"""What the log says of what was done, for the tests about it."""

import json

from tests.common.house import House


def details(house: House, event: str) -> list[dict[str, object]]:
    """What stands beside each event of this name that was done."""
    return [json.loads(row[0]) for row in house.sql("select detail from audit_event where event = ? and outcome = 'done'", event)]
