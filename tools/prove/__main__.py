"""`make prove`: proves the rules in policies/, prints what was proved, and writes the certificate beside them."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from portal.kernel.errors import PortalError
from portal.policy.certificate import CERTIFICATE, Certificate
from tools.prove.difference import difference
from tools.prove.invariants import Cell, Invariants
from tools.prove.mutants import Outcome, tried
from tools.prove.prover import Proof, Prover, prove
from tools.prove.rulebook import Folder, Rulebook
from tools.prove.schema import NotUnderstood
from tools.prove.story import story

POLICIES = Path(__file__).parents[2] / "policies"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="prove", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=POLICIES, help="a policy folder; policies/ if none is named")
    parser.add_argument("--against", type=Path, metavar="OLD", help="compare with another folder instead: who gains, who loses")
    parser.add_argument("--mutants", action="store_true", help="print every mutant, not their number alone")
    options = parser.parse_args(arguments)
    try:
        if options.against:
            return _compare(options.against, options.folder)
        return _prove(options.folder, every_mutant=options.mutants)
    except (NotUnderstood, PortalError) as error:
        print(f"Nothing is proved. {error}")
        return 1


def _compare(old: Path, new: Path) -> int:
    found = difference(old, new)
    print("\n".join(one.told() for one in found) or "Proved: the two folders allow exactly the same.")
    return 0


def _prove(folder: Path, *, every_mutant: bool) -> int:
    began = time.monotonic()
    certificate, lines, faults = proved(folder, every_mutant=every_mutant)
    print("\n".join(lines))
    if faults:
        print("\n".join(["", f"Faults ({len(faults)}):", *(f"  - {fault}" for fault in faults), "No certificate is written."]))
        return 1
    certificate.write(folder)
    print(f"{folder / CERTIFICATE} is the certificate for the rules {certificate.policy[:16]}. {time.monotonic() - began:.0f} s.")
    return 0


def proved(folder: Path, *, every_mutant: bool = False) -> tuple[Certificate, list[str], list[str]]:
    """The certificate that the rules in this folder would get, what to print, and every fault: with one, there is no certificate."""
    read = Folder.read(folder)
    prover, invariants = Prover(Rulebook.of(read)), Invariants.read()
    proof = prove(prover, invariants)
    outcomes = [] if proof.broken else list(tried(prover, proof.cells))  # rules that are weak already need not be weakened
    faults = [*_stories(prover, proof), *proof.faults, *(_of_mutants(invariants, outcomes) if outcomes else ())]
    effective = [outcome for outcome in outcomes if outcome.opens]
    lines = [*_table(invariants, proof), "", *_mutants_told(outcomes, every=every_mutant)]
    lines.append(
        f"{sum(map(len, proof.proved.values()))} proofs, {len(effective)} mutants that open something, {prover.questions} questions."
    )
    certificate = Certificate(
        policy=read.hash,
        invariants=invariants.hash,
        proved=proof.proved,
        mutants=len(effective),
        cedarpy=version("cedarpy"),
        z3=version("z3-solver"),
    )
    return certificate, lines, faults


def _stories(prover: Prover, proof: Proof) -> Iterator[str]:
    """Each broken invariant, with the story of the first action for which it is, and the others by name."""
    broken: dict[str, list[Cell]] = {}
    for cell, _ in proof.broken:
        broken.setdefault(cell.invariant.id, []).append(cell)
    for cells in broken.values():
        first, invariant = cells[0], cells[0].invariant
        claims = (*prover.let_through(first), first.never)
        told = story(prover.book, first.ask, *claims, prover.book.permitted(first.ask)) or story(prover.book, first.ask, *claims)
        assert told is not None  # the solver just had such a world
        others = f"\n    Likewise: {', '.join(cell.ask.action for cell in cells[1:])}." if cells[1:] else ""
        yield f"{invariant.id} is broken. {invariant.sentence}\n    {told.told(invariant.although)}{others}"


def _of_mutants(invariants: Invariants, outcomes: Sequence[Outcome]) -> Iterator[str]:
    survivors = {f"{outcome.mutant.rule.id}: {outcome.mutant.name}" for outcome in outcomes if outcome.survives}
    for name in sorted(survivors - invariants.survivors.keys()):
        yield f"a weaker rule breaks no invariant: {name}. Write the invariant that it breaks, or a reason under [survivors]."
    for name in sorted(invariants.survivors.keys() - survivors):
        yield f"{name} stands under [survivors] and does not survive. Remove it."
    killing = {name for outcome in outcomes for name in outcome.breaks}
    for invariant in invariants.all:
        if invariant.id not in killing:
            yield f"{invariant.id} is broken by no mutant: no rule seems to be there for it."


def _table(invariants: Invariants, proof: Proof) -> Iterator[str]:
    """One line an invariant: for how many actions it was proved, and which are left out."""
    cells: dict[str, list[Cell]] = {}
    for cell in proof.cells:
        cells.setdefault(cell.invariant.id, []).append(cell)
    broken = {(cell.invariant.id, cell.ask.action) for cell, _ in proof.broken}
    for invariant in invariants.all:
        yield f"{invariant.id}  ({'whatever is permitted' if invariant.whatever else 'as the rules are'})"
        yield f"    {invariant.sentence}"
        marks: dict[str, list[str]] = {"proved": [], "BROKEN": [], "left out": []}
        for cell in cells[invariant.id]:
            mark = "left out" if cell.excepted else "BROKEN" if (invariant.id, cell.ask.action) in broken else "proved"
            marks[mark].append(cell.ask.action)
        for mark, actions in marks.items():
            if actions:
                yield f"    {mark:<8} {len(actions):>2}: {' '.join(actions)}"


def _mutants_told(outcomes: Sequence[Outcome], *, every: bool) -> Iterator[str]:
    by_rule: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_rule.setdefault(outcome.mutant.rule.id, []).append(outcome)
    yield f"{'weakened rule':<34}{'mutants':>8}{'opening':>9}{'caught':>8}  by"
    for rule, tried_ in by_rule.items():
        opening = [outcome for outcome in tried_ if outcome.opens]
        caught = [outcome for outcome in opening if outcome.breaks]
        names = sorted({name.partition("-")[0] for outcome in caught for name in outcome.breaks})
        yield f"{rule:<34}{len(tried_):>8}{len(opening):>9}{len(caught):>8}  {' '.join(names)}"
        if every:
            for outcome in tried_:
                fate = f"breaks {', '.join(outcome.breaks)}" if outcome.breaks else "SURVIVES" if outcome.opens else "opens nothing"
                yield f"    {outcome.mutant.name}: {fate}"
    yield ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
