"""The words of an attestation, a line each, for a person to read. Pure.

What an officer typed stands behind the words that say what it is, on one line and without anything that does not print, so that no
reference of a note begins a line of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    state: str
    communication: str
    symbol: str
    scope: str
    withheld_from: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the log records of one body. `named`: pages that the request names and that could be seen; empty for none."""

    body: str
    persons: int
    views: int
    searches: int
    taken: int
    first: str
    last: str
    named: str


@dataclass(frozen=True, slots=True)
class Handed:
    body: str
    on: date
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    body: str
    released: str
    closed: str
    confirmed: str


@dataclass(frozen=True, slots=True)
class Released:
    """`covered`: it was made to leave out what the request names. `bound`: the request withholds that from this body."""

    body: str
    at: str
    covered: bool
    bound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everything that an attestation says."""

    made: str
    by: str
    asked: Asked
    since: str
    narrowed: str
    leaf: int
    first_size: int
    newest_size: int
    before: Sequence[Seen]
    after: Sequence[Seen]
    handed_before: Sequence[Handed]
    handed_after: Sequence[Handed]
    closed: Sequence[Closed]
    released: Sequence[Released]


LIMITS = (
    "The portal can attest what its log records, and no more:",
    "- what persons did with what they had seen, copied or been given before, no record tells;",
    "- what left by other means than the portal is told only as far as an officer recorded it;",
    "- staff of the originator itself, and what the State told others, are not told of;",
    "- that whoever runs the portal's machines looked at nothing, no log can show;",
    "- what the document says is not attested, nor that the same words stand nowhere else.",
)
CHECK = (
    "With Python and the one file verify_portal_log.py, without a network and without the portal:",
    "  python3 verify_portal_log.py --attestation THIS-FILE --key log.vkey",
    "The log's key, log.vkey, must come to you by another way than this file. The act that recorded the",
    "request stands below, opened, with its place in the log; persons and sessions stand there as random",
    "numbers. Compare what the program says of it with what is written above.",
)


def moment(at: datetime | int) -> str:
    """ "6 November 2026, 15:58:01 UTC", of a time or of microseconds since 1970."""
    if isinstance(at, int):
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    return f"{at.day} {at:%B %Y, %H:%M:%S} UTC"


def text_of(name: str, told: Told) -> str:
    """The whole text. Its first line is the name of the key that signs it."""
    return "\n".join([name, *(_line(line) for line in _lines(told))]) + "\n\n"


def _line(text: str) -> str:
    """One line, with nothing in it that does not print."""
    return "".join(letter if letter.isprintable() else " " for letter in text).rstrip()


def _lines(told: Told) -> Iterator[str]:
    asked = told.asked
    yield from ("Attestation of a request for confidentiality", "", f"Made: {told.made}", f"By: {told.by}")
    yield from ("", "WHAT WAS ASKED", f"Member State: {asked.state}", f"Communication: {asked.communication}")
    yield from (f"Document: {asked.symbol}", f"To be kept confidential: {asked.scope}", f"Withheld from: {asked.withheld_from}")
    yield (
        f"Until: it is reviewed after {asked.until}, and ends only if two officers lift it"
        if asked.until
        else "Until: two officers lift it"
    )
    yield from ("", "SINCE WHEN", f"In force since: {told.since}")
    yield "It was in force when this was made, and a second officer had confirmed it."
    if told.narrowed:
        yield f"Narrowed by two officers to what stands above: {told.narrowed}"
    yield f"The log holds the act that recorded it as entry {told.leaf}. It was signed first at {told.first_size} entries;"
    yield f"the log of {told.newest_size} entries goes on from that without a change."
    yield from ("", "WHAT WAS DISCLOSED BEFORE")
    yield from _seen(told.before, "Before that moment the log records no disclosure of the document to another body.")
    yield from _handed(told.handed_before, "Nothing is recorded as handed over by other means up to that day.")
    yield from ("", "WHAT WAS CLOSED BY IT")
    yield from (_closed(one) for one in told.closed)
    if not told.closed:
        yield "No share of the document was open to a body from which it is withheld."
    yield from ("", "WHAT THE LOG SHOWS SINCE")
    yield from _seen(told.after, "Since that moment the log records no disclosure of the document to another body.")
    yield from _handed(told.handed_after, "Nothing is recorded as handed over by other means after that day.")
    yield from (_released(one) for one in told.released)
    yield from ("", "WHAT THIS CANNOT SAY", *LIMITS, "", "HOW TO CHECK IT", *CHECK)


def _seen(rows: Sequence[Seen], nothing: str) -> Iterator[str]:
    for one in rows:
        persons = "1 person" if one.persons == 1 else f"{one.persons} persons"
        views = "1 view of a page" if one.views == 1 else f"{one.views} views of pages"
        taken = "1 copy or file taken" if one.taken == 1 else f"{one.taken} copies or files taken"
        searches = f", {one.searches} searches for words" if one.searches else ""
        yield f"To {one.body}: {persons}, {views}, {taken}{searches}; first {one.first}, last {one.last}."
        yield f"  Of the pages that the request names they could see: {one.named or 'none'}."
    if not rows:
        yield nothing


def _handed(rows: Sequence[Handed], nothing: str) -> Iterator[str]:
    for one in rows:
        yield f"To {one.body}, by other means, on {one.on.day} {one.on:%B %Y}, as an officer recorded: {one.words}."
    if not rows:
        yield nothing


def _closed(one: Closed) -> str:
    confirmed = f"its recipient confirmed that on {one.confirmed}" if one.confirmed else "its recipient has not confirmed that yet"
    return f"The share to {one.body}, released {one.released}: closed {one.closed}; {confirmed}."


def _released(one: Released) -> str:
    if not one.bound:
        return f"Shared with {one.body}, from which it was not asked to be withheld: {one.at}."
    made = "made to leave out what was asked" if one.covered else "NOT made to leave out what was asked"
    return f"Shared with {one.body}, {made}: {one.at}."
