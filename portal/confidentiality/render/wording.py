"""Comparing words: is wording of a withheld page in this text? Whatever a file does to letters (ligatures, soft hyphens, spacing, case)."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

_TOKEN = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:]+@[^\s@<>()\[\],;:]+")
_SEQUENCE = 4
_LONG_NUMBER = 5
_TELLING = 12  # letters: shorter runs without their spaces meet by chance


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as its words, and as one run of letters without any space."""

    tokens: tuple[str, ...]
    squeezed: str

    def sequences(self, length: int) -> set[tuple[str, ...]]:
        return {self.tokens[at : at + length] for at in range(len(self.tokens) - length + 1)}


def wording(text: str) -> Wording:
    tokens = tuple(_TOKEN.findall(_plain(text)))
    return Wording(tokens, "".join(tokens))


def addresses(text: str) -> list[str]:
    return _ADDRESS.findall(text)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in folded if unicodedata.category(c) != "Cf")


@dataclass(slots=True)
class Secrets:
    """What withheld pages say: sequences of four words, or of `length` (a short text whole), addresses, long numbers, single words."""

    length: int = _SEQUENCE
    _sequences: dict[int, set[tuple[str, ...]]] = field(default_factory=dict)
    _runs: dict[str, set[str]] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)

    def add(self, texts: Iterable[str]) -> None:
        """Texts of withheld pages. No sequence reaches from one text into the next."""
        for text in texts:
            said = wording(text)
            self.words.update(said.tokens)
            length = min(self.length, len(said.tokens))
            if length >= 2:
                found = said.sequences(length)
                self._sequences.setdefault(length, set()).update(found)
                self._remember("".join(sequence) for sequence in found)
            self._remember((wording(address).squeezed for address in addresses(text)), least=5)
            self._remember((token for token in said.tokens if token.isdigit()), least=_LONG_NUMBER)

    def _remember(self, runs: Iterable[str], least: int = _TELLING) -> None:
        for run in runs:
            if len(run) >= least:
                self._runs.setdefault(run[:5], set()).add(run)

    def found_in(self, said: Wording) -> set[str]:
        """Every withheld sequence, address and long number that this text says, each as one run of letters."""
        found: set[str] = set()
        for length, sequences in self._sequences.items():
            found.update("".join(sequence) for sequence in said.sequences(length) & sequences)
        letters = said.squeezed
        for start in {letters[at : at + 5] for at in range(len(letters) - 4)} & self._runs.keys():
            found.update(run for run in self._runs[start] if run in letters)
        return found
