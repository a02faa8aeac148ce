"""The transcript: each step says who does what, what must happen, and whether it did."""

import sys


class Transcript:
    def __init__(self) -> None:
        self.failed = 0
        self.steps = 0

    def heading(self, text: str) -> None:
        self._say(f"\n{text}")

    def step(self, who: str, what: str, ok: bool, seen: str = "") -> None:
        """One step; `seen` is what the portal answered, printed when it matters or when the step failed."""
        self.steps += 1
        self.failed += not ok
        self._say(f"  {'ok    ' if ok else 'FAILED'}  {who:<16} {what}")
        if seen:
            self._say(f"                          {seen[:220]}")

    def note(self, text: str) -> None:
        self._say(f"          {text}")

    def summary(self) -> None:
        right = self.steps - self.failed
        self._say(f"\n{right} of {self.steps} steps did what they must." if self.failed else f"\nAll {self.steps} steps ok.")

    @staticmethod
    def _say(text: str) -> None:
        print(text)
        sys.stdout.flush()
