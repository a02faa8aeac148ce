"""What a check found: in order, worth attention, or a fault; what is wrong and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """A fault stops the portal, or loses, opens or hides something. What needs attention will, or may."""

    OK = "ok"
    ATTENTION = "attention"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `advice` says what to do; empty where nothing is to be done, or where `text` says it already."""

    grade: Grade
    text: str
    advice: str = ""

    @property
    def line(self) -> str:
        return f"{self.text}: {self.advice}" if self.advice else self.text


class NotLooked(Exception):
    """A check could not look, for a reason that another check tells in full."""


def ok(text: str) -> Finding:
    return Finding(Grade.OK, text)


def attention(text: str, advice: str = "") -> Finding:
    return Finding(Grade.ATTENTION, text, advice)


def fault(text: str, advice: str = "") -> Finding:
    return Finding(Grade.FAULT, text, advice)
