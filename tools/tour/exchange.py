"""One whole exchange between the Directorate and the Office, refusals included, as the persons would do it."""

import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from uuid import uuid4

import requests

from portal.kernel.config import Config
from tools.tour.attested import attested, checked, confirm_all
from tools.tour.browser import Person, words
from tools.tour.sample import SAMORIA, SAMORIA_TITLE, VELLAND, VELLAND_TITLE
from tools.tour.stage import Stage
from tools.tour.thief import search
from tools.tour.transcript import Transcript

ABSENT = "Not included in this rendition"
#: Words that must stand nowhere in clear: of the reports and their titles, of file names, persons, requests and purposes.
SECRETS = (
    SAMORIA_TITLE,
    VELLAND_TITLE,
    "Kestrel Point",
    "HERON",
    "ministries of justice",
    "Samoria visit report",
    "SM/NV/2026/41",
    "Ada Lindqvist",
    "Pedro Alvarez",
    "northern posts",
)


@dataclass(frozen=True)
class Direction:
    """Who shares with whom, and the persons who do it. `names` are the uploader's, as the log shows it, and must not show it."""

    body: str
    other: str
    short: str
    other_short: str
    uploader: str
    confidentiality: str
    releasing: str
    both: str
    auditor: str
    reviewer: str
    other_auditor: str
    name: str

    @property
    def symbol(self) -> str:
        return f"{self.body}/2026/XSM/3"

    @property
    def kept_symbol(self) -> str:
        return f"{self.body}/2026/XVL/2"


DIRECTIONS = (
    Direction("CTED", "OCT", "Directorate", "Office", "ada", "carla", "dana", "uma", "farid", "omar", "rana", "Ada Lindqvist"),
    Direction("OCT", "CTED", "Office", "Directorate", "pedro", "nadia", "quentin", "wanda", "rana", "elena", "farid", "Pedro Alvarez"),
)


class Exchange:
    def __init__(self, stage: Stage, transcript: Transcript, direction: Direction) -> None:
        self.stage, self.say, self.way = stage, transcript, direction
        self.uploader = Person(stage.portal, direction.uploader)
        self.confidentiality = Person(stage.portal, direction.confidentiality)
        self.releasing = Person(stage.portal, direction.releasing)
        self.both = Person(stage.portal, direction.both)
        self.auditor = Person(stage.portal, direction.auditor)
        self.reviewer = Person(stage.portal, direction.reviewer)
        self.other_auditor = Person(stage.portal, direction.other_auditor)
        self.document = self.kept = self.share = ""

    def run(self) -> None:
        self.say.heading(f"==== From the {self.way.short} to the {self.way.other_short} ====")
        self.sign_in()
        if self.way.symbol in words(self.uploader.get("/documents")):
            self.say.note("The exchange was performed here before; nothing is done twice.")
            return
        self.deposit()
        self.withhold()
        self.prepare_and_propose()
        self.approve()
        self.read()
        self.late_request()
        self.release_anew()
        self.attest()
        self.look_at_the_log()

    # ---- steps
    def sign_in(self) -> None:
        self.say.heading("Signing in, through the provider of one's own organisation")
        for person, role in (
            (self.uploader, f"uploader of the {self.way.short}"),
            (self.confidentiality, f"confidentiality officer of the {self.way.short}"),
            (self.releasing, f"releasing officer of the {self.way.short}"),
            (self.both, f"uploader and releasing officer of the {self.way.short}"),
            (self.auditor, f"auditor of the {self.way.short}"),
            (self.reviewer, f"reviewer of the {self.way.other_short}"),
            (self.other_auditor, f"auditor of the {self.way.other_short}"),
        ):
            answer = person.sign_in()
            self.say.step(person.login, f"signs in: {role}", answer.status_code == 200)
        for login, why in (("tomas", "nobody gave them a role here"), ("xenia", "auditor together with a content role")):
            answer = Person(self.stage.portal, login).sign_in()
            self.refused(login, f"is refused: {why}", answer, 403)

    def deposit(self) -> None:
        self.say.heading("Depositing two reports")
        person = self.uploader
        answer = person.post("/visits", {"state": "FRA", "start": "2026-10-05", "end": "2026-10-09", "place": "Samora"})
        self.refused(person.login, "names a State that is none of the samples: refused, nothing lost", answer, 422)
        self.document = self.register(self.way.symbol, SAMORIA_TITLE, "XSM", "mission_report")
        self.kept = self.register(self.way.kept_symbol, VELLAND_TITLE, "XVL", "assessment")
        url = f"/documents/{self.document}/file"
        self.refused(person.login, "sends an empty file", person.upload(url, b"", "report.pdf"), 422)
        self.refused(
            person.login, "sends a picture that says it is a PDF", person.upload(url, b"\x89PNG\r\n\x1a\n" * 50, "report.pdf"), 422
        )
        self.refused(person.login, "sends a PDF that is broken", person.upload(url, SAMORIA[:300], "report.pdf"), 422)
        before = self.stage.stored()
        person.upload_half(url, SAMORIA)
        self.say.step(person.login, "loses the connection halfway: nothing is kept", self.stage.settles(before))
        for document, content, name in ((self.document, SAMORIA, "Samoria visit report.pdf"), (self.kept, VELLAND, "Velland.pdf")):
            answer = person.upload(f"/documents/{document}/file", content, name)
            self.say.step(person.login, f"sends {name!r}: sealed while it streams", answer.status_code == 201)
        other = self.confidentiality
        self.refused(other.login, "sends a file, but is no uploader", other.upload(url, SAMORIA, "again.pdf"), 403)

    def register(self, symbol: str, title: str, state: str, kind: str) -> str:
        person = self.uploader
        person.post("/visits", {"state": state, "start": "2026-10-05", "end": "2026-10-09", "place": "Capital"})
        page = person.get("/documents/new").text
        options = re.findall(r'<option value="([0-9a-f-]{36})"[^>]*>\s*([^<]*)', page)
        name = {"XSM": "Samoria", "XVL": "Velland"}[state]
        visit = next(value for value, label in options if name in label)
        answer = person.post("/documents", {"title": title, "symbol": symbol, "kind": kind, "level": "1", "visit": visit})
        self.say.step(person.login, f"registers {symbol}, Confidential", answer.status_code == 302)
        return answer.headers.get("Location", "").rsplit("/", 1)[-1]

    def withhold(self) -> None:
        self.say.heading("Recording what the States asked to keep: one officer, in force at once")
        person = self.confidentiality
        answer = person.post(f"/documents/{self.document}/requests", self.request("XSM", "SM/NV/2026/41", pages="3"))
        self.say.step(person.login, "records Samoria's request for page 3", answer.status_code == 302)
        answer = person.post(f"/documents/{self.kept}/requests", self.request("XVL", "VL/2026/7"))
        self.say.step(person.login, "records Velland's request for the whole assessment", answer.status_code == 302)
        answer = person.post(f"/documents/{self.document}/requests", self.request("XSM", "SM/NV/2026/42", pages="9"))
        self.refused(person.login, "asks for a page the report does not have", answer, 422)
        answer = self.uploader.post(f"/documents/{self.document}/requests", self.request("XSM", "x", pages="1"))
        self.refused(self.uploader.login, "may not record a request: not their role", answer, 403)

    def request(self, state: str, reference: str, *, pages: str = "") -> dict[str, str]:
        kept = {"scope": "pages", "pages": pages, "version": "1"} if pages else {"scope": "document"}
        return {"state": state, "reference": reference, "dated": "2026-11-02", "received": "note verbale", **kept}

    def prepare_and_propose(self) -> None:
        self.say.heading(f"Preparing what the {self.way.other_short} will see, and proposing it")
        self.prepare()
        person = self.uploader
        answer = person.post(f"/documents/{self.kept}/renditions", {"recipient": self.way.other})
        self.refused(person.login, "cannot prepare the assessment that Velland asked to keep", answer, 409)
        answer = person.post(f"/documents/{self.kept}/proposals", {"recipient": self.way.other, "purpose": ""})
        self.refused(person.login, "cannot propose it either", answer, 403)
        answer = self.propose(self.both, "Follow-up in the northern posts")
        self.say.step(self.both.login, f"proposes to share the report with the {self.way.other_short}", answer.status_code == 302)

    def prepare(self) -> None:
        person = self.uploader
        answer = person.post(f"/documents/{self.document}/renditions", {"recipient": self.way.other})
        ok = answer.status_code == 302 and person.follow(answer).status_code == 200
        self.say.step(person.login, "prepares it: rebuilt from pixels, proved in another process, and looks at it", ok)

    def propose(self, person: Person, purpose: str) -> requests.Response:
        """What the page shows, with the tick that its pages were looked at if it asks for that."""
        shown = re.search(r'name="rendition" value="([0-9a-f-]{36})"', person.get(f"/documents/{self.document}").text)
        seen = shown[1] if shown else ""
        fields = {"recipient": self.way.other, "purpose": purpose, "rendition": seen, "looked": seen}
        return person.post(f"/documents/{self.document}/proposals", fields)

    def approve(self) -> None:
        self.say.heading("Opening takes two: the second person")
        proposal = self.proposal(self.releasing)
        answer = self.both.post(f"/approvals/{proposal}/approve")
        self.refused(self.both.login, "proposed it, and may not approve it", answer, 403)
        answer = self.uploader.post(f"/approvals/{proposal}/approve")
        self.refused(self.uploader.login, "is no releasing officer", answer, 403)
        answer = self.releasing.post(f"/approvals/{proposal}/approve")
        self.refused(self.releasing.login, "approves, with a password alone: asked for a second factor", answer, 403)
        self.confirmed(self.releasing)
        answer = self.releasing.post(f"/approvals/{proposal}/approve")
        self.say.step(
            self.releasing.login,
            f"approves: the key of the {self.way.other_short} for the prepared pages is made now",
            answer.status_code == 302,
        )
        answer = self.releasing.post(f"/approvals/{proposal}/approve")
        self.refused(self.releasing.login, "approves once more: it is decided already", answer, (403, 409))

    def confirmed(self, person: Person) -> None:
        self.say.step(person.login, "confirms at the provider, with a second factor, that it is them", person.confirm().status_code == 302)

    def proposal(self, person: Person) -> str:
        found = re.search(r"/approvals/([0-9a-f-]{36})/", person.get(f"/documents/{self.document}").text)
        return found[1] if found else str(uuid4())

    def read(self) -> None:
        self.say.heading(f"Reading at the {self.way.other_short}: exactly what was shared, nothing else")
        person = self.reviewer
        received = person.get("/received")
        seen = words(received)
        found = re.search(r"/received/([0-9a-f-]{36})", received.text)
        self.share = found[1] if found else str(uuid4())
        self.say.step(person.login, "finds the report in the list", self.way.symbol in seen and SAMORIA_TITLE in seen)
        nothing = not any(word in received.text for word in (self.way.kept_symbol, "Velland", self.kept, self.document))
        self.say.step(person.login, "finds no trace of the assessment that was kept", nothing)
        first, third = self.page(1), self.page(3)
        self.say.step(person.login, "reads page 1", first.status_code == 200 and "ministries of justice" in words(first))
        kept = third.status_code == 200 and ABSENT in words(third) and "HERON" not in third.text and "Kestrel" not in third.text
        self.say.step(person.login, f"opens page 3 and reads: {ABSENT!r}", kept)
        real, absent = person.get(f"/documents/{self.kept}"), person.get(f"/documents/{uuid4()}")
        same = real.status_code == absent.status_code == 404 and real.text == absent.text
        self.say.step(person.login, "asks for the kept assessment by its id: the same answer as for an id that never was", same)
        self.refused(
            "a stranger", "opens the share without a session", Person(self.stage.portal, "").get(f"/received/{self.share}/pages/1"), 401
        )

    def page(self, number: int) -> requests.Response:
        return self.reviewer.get(f"/received/{self.share}/pages/{number}")

    def late_request(self) -> None:
        self.say.heading(f"A late request, while the {self.way.other_short} is reading")
        self.say.step(self.reviewer.login, "reads page 2", self.page(2).status_code == 200)
        answer = self.confidentiality.post(f"/documents/{self.document}/requests", self.request("XSM", "SM/NV/2026/50", pages="2"))
        self.say.step(self.confidentiality.login, "records Samoria's request for page 2", answer.status_code == 302)
        self.refused(self.reviewer.login, "turns the page: closed, from this very request on", self.page(1), 403)
        listed = words(self.reviewer.get("/received"))
        self.say.step(
            self.reviewer.login, "keeps a stub: the symbol, no title, no reason", self.way.symbol in listed and SAMORIA_TITLE not in listed
        )

    def release_anew(self) -> None:
        self.say.heading("A new rendition, released anew by two")
        self.prepare()
        answer = self.propose(self.uploader, "Follow-up")
        self.say.step(self.uploader.login, "proposes it", answer.status_code == 302)
        self.confirmed(self.both)
        answer = self.both.post(f"/approvals/{self.proposal(self.both)}/approve")
        self.say.step(self.both.login, "approves it: this time a second person", answer.status_code == 302)
        shares = set(re.findall(r"/received/([0-9a-f-]{36})", self.reviewer.get("/received").text)) - {self.share}
        self.share = shares.pop() if shares else str(uuid4())
        ok = ABSENT in words(self.page(2)) and ABSENT in words(self.page(3)) and "Recommendation one" in words(self.page(4))
        self.say.step(self.reviewer.login, "reads it: pages 2 and 3 are not included", ok)

    def attest(self) -> None:
        self.say.heading("Samoria asks whether its request is kept")
        officer, key = self.confidentiality, self.stage.witnesses.key
        self.say.step(self.releasing.login, "confirms what another officer recorded", confirm_all(self.releasing, self.document))
        told = attested(officer, self.document, "SM/NV/2026/50")
        file = self.stage.folder / f"attestation-{self.way.body}.txt"
        file.write_text(told, encoding="utf-8", newline="")
        honest = "1 person" in told and "HERON" not in told and SAMORIA_TITLE not in told
        self.say.step(officer.login, "attests it: since when, and what was disclosed before, without a name", honest)
        code, printed = checked(file, key)
        self.say.step("Samoria", "checks the file with the log's key and one small program, without the portal", code == 0, printed)
        file.write_text(told.replace("1 person", "no person"), encoding="utf-8", newline="")
        code, printed = checked(file, key)
        self.say.step("Samoria", "would see that a word of it was changed", code == 1, printed)
        file.write_text(told, encoding="utf-8", newline="")

    def look_at_the_log(self) -> None:
        self.say.heading("The log")
        seen = words(self.auditor.get("/audit"))
        self.say.step(self.auditor.login, "reads who did and saw what", "page" in seen.lower() and self.way.name in seen)
        self.refused(self.auditor.login, "opens no document", self.auditor.get(f"/documents/{self.document}"), 404)
        other = self.other_auditor.get("/audit")
        traces = (self.kept, self.way.kept_symbol, self.way.name)
        listed = re.sub(r"<select.*?</select>", "", other.text, flags=re.S)  # the filter offers every act there is, to everyone
        clean = other.status_code == 200 and "Share approved" in listed and not any(trace in listed for trace in traces)
        self.say.step(self.other_auditor.login, f"reads what touches the {self.way.other_short}, and no trace of what was kept", clean)
        own, other_found = (self.found(auditor, self.way.kept_symbol) for auditor in (self.auditor, self.other_auditor))
        self.say.step(self.auditor.login, f"searches the log for {self.way.kept_symbol}: there it is", own is True)
        self.say.step(self.other_auditor.login, f"searches the log for {self.way.kept_symbol}: no event fits", other_found is False)
        code, printed = self.stage.verify()
        self.say.step("anyone", "checks the whole log: portal audit verify", code == 0, printed.splitlines()[-1] if printed else "")
        code, printed = self.stage.witnesses.checked(self.stage.log)
        self.say.step("anyone", "checks what is published, and demands both bodies' witnesses", code == 0, printed)
        answers = self.stage.witnesses.asked_to_sign_another(self.stage.log)
        self.say.step("a thief", "has the log's key, and signs another history: neither witness does", answers == [409, 409], str(answers))

    @staticmethod
    def found(auditor: Person, symbol: str) -> bool | None:
        """Whether this auditor's log has events of the document; None if the page says neither."""
        page = words(auditor.get(f"/audit?document={symbol}"))
        none, some = "No event fits" in page, re.search(r"\b[1-9][0-9,]* events? found", page) is not None
        return some if none != some else None

    # ---- refusals
    def refused(self, who: str, what: str, answer: requests.Response, status: int | tuple[int, ...]) -> None:
        statuses = status if isinstance(status, tuple) else (status,)
        self.say.step(who, what, answer.status_code in statuses, f"{answer.status_code}: {sentence(answer)}")


def steal(config: Config, folder: Path, say: Transcript) -> None:
    """What whoever steals database, store and disk can read. Words that are no secret are found: the search is not blind."""
    say.heading("What a thief of the database, the store and the disk finds")
    haul = search(config, folder, SECRETS)
    say.step("a thief", f"searches for {len(SECRETS)} titles, names and words of the reports", not haul.found, str(haul))
    symbols, seals = search(config, folder, (DIRECTIONS[0].symbol,)), search(config, folder, ("age-encryption.org/v1",))
    seen = f"symbols found in {len(symbols.found)} places, seals in {len(seals.found)}"
    ok = "row document" in symbols.found and any(place.startswith("object ") for place in seals.found)
    say.step("a thief", "finds what is no secret: symbols in the database, seals in the store", ok, seen)


def sentence(answer: requests.Response) -> str:
    """The sentence the portal gave as reason."""
    if "json" in answer.headers.get("Content-Type", ""):
        return str(answer.json().get("detail", ""))
    found = re.findall(r'<p class="(?:p-lead|p-fault)"[^>]*>(.*?)</p>', answer.text, flags=re.S) or re.findall(
        r"<h1>(.*?)</h1>", answer.text
    )
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", " ".join(dict.fromkeys(found))))).strip()
