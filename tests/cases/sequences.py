"""Sequences of acts, by persons, on a real portal; after each, everybody gets exactly what `promised.py` says: in lists, and one by one."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from werkzeug.test import TestResponse

from tests.cases import keeping
from tests.cases.promised import Asked, Document, Proposal, Seen, Share
from tests.common.entity import ENTITY, READER, request_of
from tests.common.house import House, looked_at, proposal_of
from tools.tour.sample import report_pdf

TITLE = "Report of the visit to Samoria"
REPORT = report_pdf(TITLE, [["1. The delegation met the ministries."], ["2. It thanks the authorities."]])
#: Who reads for whom; the last of them is of the originator, and receives nothing of its own.
READERS = {"OCT": "omar", ENTITY: READER, "CTED": "elena"}
STAFF = ("ada", "uma", "carla", "dana", "dmitri", "quentin", *READERS.values())
REFUSED = {403, 404, 409, 422}
#: How many acts were done, and how many refused, as they should have been.
ACTS: Counter[bool] = Counter()

One = TypeVar("One")
which = st.integers(0, 5)
recipients = st.sampled_from(["OCT", "OCT", ENTITY])
days = st.sampled_from([None, None, None, None, 1, 2])
uses = st.sampled_from(["view_only", "download", "file"])


def patient(folder: Path) -> None:
    """Sessions, and second factors, that outlast every sequence."""
    file = folder / "config.toml"
    text = file.read_text().replace("[identity]\n", "[session]\nidle_minutes = 50000000\nabsolute_hours = 1000000\n\n[identity]\n", 1)
    file.write_text(text.replace("[identity]\n", "[identity]\nstep_up_minutes = 50000000\n", 1))


class Sequences(RuleBasedStateMachine):
    def __init__(self, house: House) -> None:
        super().__init__()
        self.house = house
        self.documents: list[Document] = []
        for login in STAFF:
            house.guest(login)
        self.wait("the next day")  # each begins when a day begins
        self.symbol = f"CTED/2026/S{house.sql('select count(*) from document')[0][0]}"

    # ---- how acts are done, and what they answer
    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    def post(self, login: str, path: str, fields: dict[str, str] | None = None) -> TestResponse:
        self.house.clock.advance(timedelta(seconds=1))
        return self.house.guest(login).post(path, fields)

    def one(self, of: Sequence[One], number: int) -> One:
        return of[-1 - number % len(of)]

    def proposals(self) -> list[tuple[Document, Proposal]]:
        return [(document, proposal) for document in self.documents for proposal in document.proposals]

    def shares(self) -> list[tuple[Document, Share]]:
        return [(document, proposal.share) for document, proposal in self.proposals()]

    def asked(self) -> list[tuple[Document, Asked]]:
        return [(document, asked) for document in self.documents for asked in document.asked]

    # ---- the originator works on it
    @initialize(opens=days, until=days, use=uses)
    def shared(self, opens: int | None = None, until: int | None = None, use: str = "view_only") -> None:
        self.deposit()
        self.propose(0, "OCT", "ada", opens, until, use)
        self.approve(0, "dana")

    @precondition(lambda self: len(self.documents) == 1)
    @rule()
    def deposit(self) -> None:
        self.house.clock.advance(timedelta(seconds=1))
        symbol = f"{self.symbol}/{len(self.documents)}"
        self.documents.append(Document(self.house.guest("ada").deposit(symbol, TITLE, REPORT), symbol))

    @rule(number=which, login=st.sampled_from(["carla", "carla", "dana", "omar"]), whole=st.booleans())
    def withhold(self, number: int, login: str, whole: bool) -> None:
        document = self.one(self.documents, number)
        self.house.clock.advance(timedelta(seconds=1))
        answer = self.house.guest(login).withhold(document.id, "" if whole else "2", dated="2026-01-02")
        if done(answer, login == "carla" and not document.shredded):
            document.withheld |= whole
            document.close_all(self.now)

    def prepare(self, document: Document, recipient: str) -> None:
        if done(self.post("ada", f"/documents/{document.id}/renditions", {"recipient": recipient}), document.may_open()):
            document.prepared[recipient] = document.epoch
            document.renditions += 1

    def looked(self, document: Document, recipient: str) -> dict[str, str]:
        return looked_at(self.house, document.id, recipient)

    @rule(number=which, recipient=recipients, login=st.sampled_from(["ada", "uma"]), opens=days, until=days, use=uses)
    def propose(self, number: int, recipient: str, login: str, opens: int | None, until: int | None, use: str) -> None:
        """What was not prepared since something closed it is prepared first; of every third it is forgotten."""
        document = self.one(self.documents, number)
        if document.prepared.get(recipient) != document.epoch and number % 3 != 2:
            self.prepare(document, recipient)
        first, last = self._day(opens), self._day(None if until is None else max(until, opens or 0))
        terms = {"use": use, "opens": first.isoformat() if first else "", "until": last.isoformat() if last else ""}
        answer = self.post(
            login,
            f"/documents/{document.id}/proposals",
            {"recipient": recipient, "purpose": "Follow-up", **self.looked(document, recipient), **terms},
        )
        if done(answer, document.may_propose(recipient)):
            self._proposed(document, login, recipient, use, first, last, None)

    def _day(self, ahead: int | None) -> date | None:
        return None if ahead is None else (self.now + timedelta(days=ahead)).date()

    def _proposed(
        self, document: Document, login: str, recipient: str, use: str, first: date | None, last: date | None, asked: Asked | None
    ) -> None:
        found = proposal_of(self.house)
        share = str(UUID(self.house.sql("select share_id from proposal where id = ?", UUID(found).hex)[0][0]))
        ends = midnight(last + timedelta(days=1)) if last else None
        given = Share(share, recipient, use, midnight(first) if first else None, ends, asked.share if asked else None)
        document.proposals.append(Proposal(found, given, login, document.epoch, asked))

    @precondition(lambda self: self.proposals())
    @rule(number=which, login=st.sampled_from(["dana", "dana", "uma", "ada", "quentin"]))
    def approve(self, number: int, login: str) -> None:
        document, proposal = self.one(self.proposals(), number)
        may = login in {"dana", "uma"} and document.may_approve(proposal, login, self.now)
        if done(self.post(login, f"/approvals/{proposal.id}/approve"), may):
            proposal.answered = proposal.share.given = True

    @precondition(lambda self: self.proposals())
    @rule(number=which)
    def decline(self, number: int) -> None:
        _, proposal = self.one(self.proposals(), number)
        if done(self.post("dana", f"/approvals/{proposal.id}/decline"), not proposal.answered):
            proposal.answered = True

    @precondition(lambda self: self.proposals())
    @rule(number=which, login=st.sampled_from(["dana", "dana", "omar"]))
    def recall(self, number: int, login: str) -> None:
        document, proposal = self.one(self.proposals(), number)
        body = proposal.share.recipient
        answer = self.post(login, f"/documents/{document.id}/proposals/{proposal.id}/recall", {"reason": "Sent by mistake"})
        if done(answer, login == "dana" and bool(document.open_to(body))):
            document.recall(body, self.now)

    # ---- and onward
    @precondition(lambda self: self.shares())
    @rule(number=which)
    def ask(self, number: int) -> None:
        document, share = self.one(self.shares(), number)
        (body,) = {"OCT", ENTITY} - {share.recipient}
        answer = self.post(READERS[share.recipient], f"/received/{share.id}/onward", {"recipient": body, "purpose": "Support"})
        if done(answer, document.may_ask(share, body, self.now)):
            document.asked.append(Asked(request_of(self.house), share, body))

    @precondition(lambda self: self.asked())
    @rule(number=which, login=st.sampled_from(["ada", "uma"]), until=days, use=uses)
    def consent(self, number: int, login: str, until: int | None, use: str) -> None:
        document, asked = self.one(self.asked(), number)
        if document.prepared.get(asked.body) != document.epoch:
            self.prepare(document, asked.body)
        last = self._day(until)
        terms = {"use": use, "until": last.isoformat() if last else "", **self.looked(document, asked.body)}
        if done(self.post(login, f"/documents/{document.id}/onward/{asked.id}/consent", terms), document.may_consent(asked, self.now)):
            self._proposed(document, login, asked.body, use, None, last, asked)

    @precondition(lambda self: self.asked())
    @rule(number=which, login=st.sampled_from(["carla", "omar"]))
    def refuse(self, number: int, login: str) -> None:
        document, asked = self.one(self.asked(), number)
        answer = self.post(login, f"/documents/{document.id}/onward/{asked.id}/decline")
        if done(answer, login == "carla" and document.stage(asked) == "asked"):
            asked.declined = True

    # ---- holds and shredding
    @rule(number=which, login=st.sampled_from(["carla", "dana"]))
    def hold(self, number: int, login: str) -> None:
        document = self.one(self.documents, number)
        if done(self.post(login, f"/documents/{document.id}/holds", {"reason": "A case"}), not document.shredded):
            document.holds[keeping.last(self.house, "held")] = login

    @precondition(lambda self: any(document.holds for document in self.documents))
    @rule(number=which, login=st.sampled_from(["dana", "dmitri", "carla"]))
    def lift(self, number: int, login: str) -> None:
        document = self.one([document for document in self.documents if document.holds], number)
        held, placed_by = self.one(list(document.holds.items()), number)
        answer = self.post(login, f"/documents/{document.id}/holds/{held}/lift")
        if done(answer, login in {"dana", "dmitri"} and login != placed_by):
            del document.holds[held]

    @rule(number=which, login=st.sampled_from(["carla", "dana"]))
    def propose_shredding(self, number: int, login: str) -> None:
        document = self.one(self.documents, number)
        answer = self.post(login, f"/documents/{document.id}/shredding", {"reason": "Retention is over"})
        if done(answer, not (document.holds or document.shredded or document.shredding)):
            document.shredding = (keeping.waiting(self.house), login, document.renditions)

    @precondition(lambda self: any(document.shredding for document in self.documents))
    @rule(number=which, login=st.sampled_from(["dana", "dmitri", "carla"]), goes=st.booleans())
    def answer_shredding(self, number: int, login: str, goes: bool) -> None:
        document = self.one([document for document in self.documents if document.shredding], number)
        assert document.shredding is not None
        path = f"/documents/{document.id}/shredding/{document.shredding[0]}"
        if not goes:
            done(self.post(login, f"{path}/withdraw"), True)
            document.shredding = None
        elif done(self.post(login, f"{path}/confirm", {"symbol": document.symbol}), login != "carla" and document.may_shred(login)):
            document.shredding, document.shredded = None, True
            document.close_all(self.now)

    # ---- time
    @rule(to=st.sampled_from(["an hour later", "the last instant of the day", "the next day", "the day after"]))
    def wait(self, to: str) -> None:
        after = {"the last instant of the day": 1, "the next day": 1, "the day after": 2}
        if to in after:
            early = timedelta(microseconds=1) if to == "the last instant of the day" else timedelta(0)
            self.house.clock.at = midnight(self.now.date() + timedelta(days=after[to])) - early
        else:
            self.house.clock.advance(timedelta(hours=1))

    @rule()
    def tidy(self) -> None:
        """The background closes what is over; a share that is gone is never back."""
        while self.house.passage.close_expired():
            pass
        for document in self.documents:
            document.end(self.now)

    # ---- who gets what
    @precondition(lambda self: self.shares())
    @rule(number=which)
    def take_along(self, number: int) -> None:
        document, share = self.one(self.shares(), number)
        login, read = READERS[share.recipient], share.seen(self.now) is Seen.CONTENT
        done(self.post(login, f"/received/{share.id}/copies"), read and share.use != "view_only")
        done(self.house.guest(login).get(f"/received/{share.id}/file"), read and share.use == "file")
        done(self.house.guest("ada").get(f"/documents/{document.id}/file"), not document.shredded)

    @invariant()
    def recipients_get_what_is_theirs(self) -> None:
        """One by one, and in their lists."""
        now = self.now
        for _, share in self.shares():
            seen, guest = share.seen(now), self.house.guest(READERS[share.recipient])
            page = guest.get(f"/received/{share.id}/pages/1")
            assert page.status_code == {Seen.CONTENT: 200, Seen.STUB: 403, Seen.NOTHING: 404}[seen], seen
            assert (TITLE in page.text) is (seen is Seen.CONTENT)
            keys = self.house.sql("select count(*) from key_wrap where share_id = ?", UUID(share.id).hex)[0][0]
            assert bool(keys) is (share.given and share.closed_at is None), "a key outlived its share, or a share its key"
        for body in {share.recipient for _, share in self.shares()}:
            self.listed(body)
            self.listed(body, "&available=yes")

    def listed(self, body: str, chosen: str = "") -> None:
        seen = {share.id: share.seen(self.now) for _, share in self.shares() if share.recipient == body}
        read, stubs = ([share for share in seen if seen[share] is kind] for kind in (Seen.CONTENT, Seen.STUB))
        text = self.house.guest(READERS[body]).get(f"/received?symbol={self.symbol}/{chosen}").text
        links = re.findall(r'class="p-doc" href="/received/([0-9a-f-]{36})', text)
        wanted = ([] if chosen.endswith("no") else read, 0 if chosen.endswith("yes") else len(stubs))
        assert (sorted(links), text.count("p-gone")) == (sorted(wanted[0]), wanted[1]), (body, chosen)

    def teardown(self) -> None:
        """In the end everybody is asked about everything."""
        for _, share in self.shares():
            for body, login in READERS.items():
                seen = share.seen(self.now) if body == share.recipient else Seen.NOTHING
                known = self.house.guest(login).get(f"/received/{share.id}")
                assert known.status_code == {Seen.CONTENT: 302, Seen.STUB: 200, Seen.NOTHING: 404}[seen], (login, seen)
                assert TITLE not in known.text
        for body in READERS:
            self.listed(body)
            self.listed(body, "&available=no")
        for document in self.documents:
            answers = [self.house.guest(login).get(f"/documents/{document.id}") for login in ("ada", "elena", "omar", "quentin")]
            assert [answer.status_code for answer in answers] == [200, 200, 404, 404]
        register = self.house.guest("ada").get(f"/documents?symbol={self.symbol}/").text
        assert {document.symbol for document in self.documents if document.symbol in register} == {one.symbol for one in self.documents}
        assert self.house.sql("select count(*) from audit_event where event = 'alarm.raised'") == [(0,)]


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)


def done(answer: TestResponse, may: bool) -> bool:
    """Was it done? As it should have been; a failure is neither."""
    status = answer.status_code
    assert (status in {200, 201, 302}) if may else (status in REFUSED), (status, may, answer.text[:2000])
    ACTS[may] += 1
    return may
