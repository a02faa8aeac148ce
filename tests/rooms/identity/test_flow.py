"""The flow as the session keeps it."""

import json
from datetime import UTC, datetime, timezone
from datetime import timedelta as span

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.identity.claims import StateMismatched
from portal.identity.oidc import Flow

WORDS = st.text("abcXYZ019-_", min_size=43, max_size=64)
TIMES = st.datetimes(timezones=st.sampled_from([UTC, timezone(span(hours=5, minutes=45))]))


@settings(max_examples=50, deadline=None)
@given(WORDS, WORDS, WORDS, TIMES)
def test_a_stored_flow_comes_back_as_it_was(state: str, nonce: str, verifier: str, at: datetime) -> None:
    flow = Flow("un", state, nonce, verifier, at, True, "a-form")
    assert Flow.from_json(flow.to_json()) == flow


WHOLE = json.loads(Flow("un", "s" * 43, "n" * 43, "v" * 43, datetime(2026, 1, 1, tzinfo=UTC)).to_json())
BROKEN = ["", "null", "[]", "7", "{}", *(json.dumps({k: v for k, v in WHOLE.items() if k != key}) for key in WHOLE)]
CHANGED = [{"state": ""}, {"nonce": None}, {"code_verifier": 7}, {"started_at": "2026-01-01T00:00:00"}, {"started_at": 5}, {"about": None}]


@pytest.mark.parametrize("text", [*BROKEN, *(json.dumps(WHOLE | change) for change in CHANGED)])
def test_anything_else_is_no_flow(text: str) -> None:
    with pytest.raises(StateMismatched):
        Flow.from_json(text)
