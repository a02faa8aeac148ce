"""What is asked of the solver: does every invariant hold, could it be broken at all, and does every rule do something?"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
        with self._asked(ask, claims) as (solver, possible):
            return solver.model() if possible else None

    def possible(self, ask: Ask, *claims: z3.BoolRef) -> bool:
        with self._asked(ask, claims) as (_, possible):
            return possible

    @contextmanager
    def _asked(self, ask: Ask, claims: Sequence[z3.BoolRef]) -> Iterator[tuple[z3.Solver, bool]]:
        """The solver as long as it knows these claims, and whether all of them can be true at once."""
        solver = self.solver(ask)
        self.questions += 1
        solver.push()
        try:
            solver.add(*claims)
            outcome = solver.check()
            if outcome == z3.unknown:
                raise NotUnderstood(f"{ask.action}: the solver cannot say ({solver.reason_unknown()})")
            yield solver, outcome == z3.sat
        finally:
            solver.pop()

    def solver(self, ask: Ask) -> z3.Solver:
        if ask not in self._solvers:
            self.book.name_all()
            self._solvers[ask] = z3.Solver()
            self._solvers[ask].add(*self.book.translator(ask).bounds())
        return self._solvers[ask]

    def breach(self, cell: Cell, *, instead: Instead | None = None) -> z3.ModelRef | None:
        """A world in which this invariant is broken; None if it is proved."""
        return self.model(cell.ask, *self.let_through(cell, instead=instead), cell.never)

    def breaches(self, ask: Ask, cells: Sequence[Cell], *, instead: Instead | None = None) -> list[tuple[Cell, z3.ModelRef]]:
        """Those of these invariants, all about this question, that are broken, each with a world in which it is.

        They are asked about together: if none can be broken, that is one proof; and a world in which one is broken is looked at for others.
        """
        found: dict[str, z3.ModelRef] = {}
        for whatever in (True, False):
            left = [cell for cell in cells if cell.invariant.whatever == whatever]
            while left and (model := self.model(ask, *self.let_through(left[0], instead=instead), z3.Or(*(one.never for one in left)))):
                here = [cell.invariant.id for cell in left if z3.is_true(model.eval(cell.never, model_completion=True))]
                if not here:
                    raise NotUnderstood(f"{ask.action}: a world in which something is broken, and nothing is")
                found |= dict.fromkeys(here, model)
                left = [cell for cell in left if cell.invariant.id not in found]
        return [(cell, found[cell.invariant.id]) for cell in cells if cell.invariant.id in found]

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
    by_ask = in_force(cells)
    models = {(cell.invariant.id, ask): model for ask, asked in by_ask.items() for cell, model in prover.breaches(ask, asked)}
    broken = tuple((cell, models[key]) for cell in cells if not cell.excepted and (key := (cell.invariant.id, cell.ask)) in models)
    return Proof(cells, broken, (*_hollow(prover, cells), *_uncovered(prover, cells), *_idle(prover)))


def in_force(cells: Sequence[Cell]) -> dict[Ask, list[Cell]]:
    """Which invariants hold of a question, without those that leave it out."""
    found: dict[Ask, list[Cell]] = {}
    for cell in cells:
        if not cell.excepted:
            found.setdefault(cell.ask, []).append(cell)
    return found


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
