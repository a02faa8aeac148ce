"""What is asked of the solver: does every invariant hold, could it be broken at all, and does every rule do something?"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import z3

from tools.prove.invariants import Cell, Invariants
from tools.prove.rulebook import Instead, Rulebook
from tools.prove.schema import Ask, NotUnderstood


@dataclass
class Prover:
    """One rulebook, and a solver for each kind of question that knows what is true of every such question."""

    book: Rulebook
    questions: int = 0
    _solvers: dict[Ask, z3.Solver] = field(default_factory=dict)

    def model(self, ask: Ask, *claims: z3.BoolRef) -> z3.ModelRef | None:
        """A world in which all of this is true at once; None if there is none, which is proved."""
        solver = self.solver(ask)
        self.questions += 1
        solver.push()
        try:
            solver.add(*claims)
            outcome = solver.check()
            if outcome == z3.unknown:
                raise NotUnderstood(f"{ask.action}: the solver cannot say ({solver.reason_unknown()})")
            return solver.model() if outcome == z3.sat else None
        finally:
            solver.pop()

    def possible(self, ask: Ask, *claims: z3.BoolRef) -> bool:
        return self.model(ask, *claims) is not None

    def solver(self, ask: Ask) -> z3.Solver:
        if ask not in self._solvers:
            for rule in self.book.rules:  # so that every entity any rule names is known to be another than the rest
                self.book.says(rule, ask)
            self._solvers[ask] = z3.Solver()
            self._solvers[ask].add(*self.book.translator(ask).bounds())
        return self._solvers[ask]

    def breach(self, cell: Cell, *, instead: Instead | None = None) -> z3.ModelRef | None:
        """A world in which this invariant is broken; None if it is proved."""
        return self.model(cell.ask, *self.let_through(cell, instead=instead), cell.never)

    def let_through(self, cell: Cell, *, instead: Instead | None = None) -> list[z3.BoolRef]:
        """Nothing forbids it; and, unless the invariant is to hold whatever is permitted, a permit speaks."""
        open_to = [z3.Not(self.book.refused(cell.ask, instead=instead))]
        return open_to if cell.invariant.whatever else [*open_to, self.book.permitted(cell.ask, instead=instead)]


@dataclass(frozen=True, slots=True)
class Proof:
    """Everything proved, and everything that could not be, each as a sentence."""

    cells: tuple[Cell, ...]
    broken: tuple[tuple[Cell, z3.ModelRef], ...]
    faults: tuple[str, ...]

    @property
    def proved(self) -> dict[str, list[str]]:
        """Invariant → the actions for which it was proved."""
        open_ = {(cell.invariant.id, cell.ask) for cell, _ in self.broken}
        found: dict[str, list[str]] = {}
        for cell in self.cells:
            if not cell.excepted and (cell.invariant.id, cell.ask) not in open_:
                found.setdefault(cell.invariant.id, []).append(cell.ask.action)
        return found


def prove(prover: Prover, invariants: Invariants) -> Proof:
    cells = tuple(cell for invariant in invariants.all for cell in invariant.about(prover.book))
    models = [(cell, prover.breach(cell)) for cell in cells if not cell.excepted]
    broken = tuple((cell, model) for cell, model in models if model is not None)
    return Proof(cells, broken, (*_hollow(prover, cells), *_uncovered(prover, cells), *_idle(prover)))


def _hollow(prover: Prover, cells: tuple[Cell, ...]) -> Iterator[str]:
    """Invariants about what cannot be, and exceptions from what holds anyhow."""
    for cell in cells:
        if not prover.possible(cell.ask, cell.never):
            yield f"{cell.invariant.id} says nothing about {cell.ask.action}: what it excludes can never be. Correct its words."
        elif cell.excepted and prover.breach(cell) is None:
            yield f"{cell.invariant.id} leaves out {cell.ask.action}, but holds for it. Remove the exception."


def _uncovered(prover: Prover, cells: tuple[Cell, ...]) -> Iterator[str]:
    """Every action falls under an invariant that no permit can break and that looks at the thing it is about, not at the person alone."""
    covered = {
        cell.ask
        for cell in cells
        if cell.invariant.whatever and not cell.excepted and ("resource" in cell.invariant.words or "context" in cell.invariant.words)
    }
    for ask in prover.book.asks():
        if ask not in covered:
            yield f"no invariant protects {ask.action} on a {ask.resource} from a permit that somebody adds. Write one."


def _idle(prover: Prover) -> Iterator[str]:
    """Actions that nobody can do, and rules that never decide anything."""
    book = prover.book
    for ask in book.asks():
        if not prover.possible(ask, book.permitted(ask), z3.Not(book.refused(ask))):
            yield f"nobody can ever do {ask.action}. A permit is missing, or the forbids leave nothing."
    for rule in book.rules:
        free = rule.policy.effect == "forbid"
        if not any(prover.possible(ask, book.says(rule, ask), *(() if free else (z3.Not(book.refused(ask)),))) for ask in book.asks()):
            yield f"{rule.where}: it never decides anything. Remove it, or correct it."
