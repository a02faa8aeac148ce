"""`make prove` says what is true: its formulas mean what Cedar does, and whatever weakens a rule breaks an invariant."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import cedarpy
import pytest
import z3
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from portal.kernel.actions import OPEN_ACTIONS, Action
from portal.kernel.errors import Misconfigured
from portal.kernel.services import Task
from portal.policy.certificate import CERTIFICATE, check
from portal.policy.load import SCHEMA, PolicySet
from portal.policy.rules import Statement, read
from tests.policy.worlds import BODIES, FOLDER
from tools.prove.__main__ import main, proved
from tools.prove.difference import difference
from tools.prove.invariants import FILE, Invariants
from tools.prove.prover import Prover, prove
from tools.prove.rulebook import Folder, Rulebook, parsed
from tools.prove.schema import Ask, NotUnderstood, Tables, Type
from tools.prove.translate import BOOL, DATE, LONG, Term

RULES = {found.id: found for file in sorted(FOLDER.glob("*.cedar")) for found in read(file.name, file.read_text(encoding="utf-8"), [])}
FORBIDS = [rule for rule in RULES.values() if rule.policy.effect == "forbid"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in (*FOLDER.glob("*.cedar"), FOLDER / SCHEMA):
        shutil.copyfile(file, tmp_path / file.name)
    return tmp_path


def rewrite(folder: Path, rule: str, new: str) -> Path:
    """The folder, with this text in the place of a rule."""
    file = folder / RULES[rule].file
    text = file.read_text(encoding="utf-8")
    assert text.count(RULES[rule].text) == 1
    file.write_text(text.replace(RULES[rule].text, new), encoding="utf-8")
    return folder


# --- the rules as they are -----------------------------------------------------------------------------------------------------------


def test_every_invariant_is_proved_and_every_weaker_rule_is_caught(
    policies: PolicySet, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = main([str(folder), "--mutants"]), capsys.readouterr().out
    assert code == 0, told
    assert told.count("    taken away: breaks ") == len(FORBIDS), "without any forbid an invariant breaks"
    certificate = check(folder, policies.hash)
    assert certificate.policy == policies.hash
    assert {action for actions in certificate.proved.values() for action in actions} == {*Action, *Task} - OPEN_ACTIONS
    assert sorted(certificate.proved) == sorted(invariant.id for invariant in Invariants.read().all)
    assert certificate.mutants > 500


# --- the formulas mean what Cedar does ---------------------------------------------------------------------------------------------------

#: Every construct that the translation knows, on a schema made for it.
EVERYTHING_SCHEMA = """
entity Colour enum ["red", "green"];
entity Team;
entity Man in [Team] { age: Long, name: String, likes: Set<Colour>, best?: Colour, friends: Set<Man>, free: Bool };
entity Thing { owner: Man, colour: Colour, due: datetime, limit?: Long, kept: Bool, of: Set<Team> };
action "see", "take" appliesTo { principal: Man, resource: [Thing, Team], context: { now: datetime, team?: Team } };
"""
EVERYTHING = """
permit (principal in Team::"t1", action == Action::"see", resource is Thing);
permit (principal == Man::"m1", action, resource) when { resource is Thing && resource.kept || resource is Team };
permit (principal, action in [Action::"see", Action::"take"], resource == Team::"t2") unless { principal.age < 1 };
permit (principal, action, resource is Thing) when { principal.likes.contains(resource.colour) };
permit (principal, action, resource is Thing) when { principal.likes.containsAll([Colour::"red", resource.colour]) };
permit (principal, action, resource is Thing) when { principal.likes.containsAny([Colour::"green", resource.colour]) };
permit (principal, action, resource is Thing) when { [Colour::"green"].contains(resource.colour) && principal.free };
permit (principal is Man, action, resource is Thing) when { principal has best && principal.best == resource.colour };
permit (principal, action, resource is Thing) when { resource.owner in [principal, Man::"m2"] };
permit (principal, action, resource) when { if principal.free then principal.name == "x" else principal.age >= 2 };
forbid (principal, action, resource is Thing) when { context.now > resource.due };
forbid (principal, action == Action::"take", resource is Thing) unless { resource.due != datetime("2026-11-24") };
forbid (principal, action, resource is Thing) when { resource has limit && (resource.limit <= principal.age || !resource.kept) };
forbid (principal, action, resource) when { context has team && !(principal in context.team) && principal.friends.isEmpty() };
forbid (principal in Team::"t3", action, resource) when { principal == principal && !(principal has best) };
forbid (principal, action, resource is Team) when { principal in resource };
"""
NAMED = {"Body": BODIES, "Team": ("t1", "t2", "t3"), "Man": ("m1", "m2", "m3")}
NOON = datetime(2026, 11, 24, tzinfo=UTC)
#: A question is drawn from a seed, and a smaller seed is no simpler question.
WITHOUT_SHRINKING = (Phase.explicit, Phase.generate)


@pytest.fixture(scope="module")
def shipped() -> "Asked":
    return Asked(Folder.read(FOLDER))


@pytest.fixture(scope="module")
def everything() -> "Asked":
    schema = cedarpy.Schema.from_str(EVERYTHING_SCHEMA)
    statements = read(
        "everything.cedar", "\n".join(f'@id("{place}")\n{rule}' for place, rule in enumerate(EVERYTHING.strip().split("\n"))), []
    )
    assert [error for rule in statements for error in cedarpy.validate_policies(rule.text, schema).errors] == []
    return Asked(Folder(schema, tuple(statements), ""))


class Asked:
    """The same question to Cedar, and to the formulas."""

    def __init__(self, folder: Folder) -> None:
        self.book = Rulebook.of(folder)
        self.prover = Prover(self.book)
        self.schema = folder.schema
        texts = {effect: [rule.text for rule in self.book.of_effect(effect)] for effect in ("permit", "forbid")}
        texts["forbid"].append('@id("anything") permit (principal, action, resource);')
        self.rules = {effect: cedarpy.PolicySet.from_str("\n".join(found)) for effect, found in texts.items()}
        for kind, entity in self.book.words.tables.entities.items():
            for name in entity.ids or NAMED.get(kind, ("1", "2", "3")):
                self.book.words.entity(kind, name)

    def differ(self, random: Random) -> Iterator[str]:
        """For one random question of each kind: the rules about which the two disagree."""
        for ask in self.book.asks():
            question, facts = self._question(random, ask)
            model = self.prover.model(ask, *facts)
            assert model is not None, (ask.action, question)
            for effect, rules in self.rules.items():
                answer = cedarpy.is_authorized(question["request"], rules, question["entities"], self.schema)
                assert not answer.diagnostics.errors, answer.diagnostics.errors
                speak = set(answer.diagnostics.id_annotations_by_reason.values()) - {"anything"}
                about = self.book.about(effect, ask)
                said = {rule for rule, says in about.items() if z3.is_true(model.eval(says, model_completion=True))}
                if said != speak:
                    yield f"{ask.action}: {sorted(said ^ speak)}, of {question}"

    def _question(self, random: Random, ask: Ask) -> tuple[dict[str, Any], list[Any]]:
        translator, tables = self.book.translator(ask), self.book.words.tables
        facts: list[Any] = []
        entities = []
        uids = {}
        for who, term in (("principal", translator.principal), ("resource", translator.resource)):
            kind = term.type.name
            uids[who] = {"type": kind, "id": random.choice(tables.entities[kind].ids or NAMED.get(kind, ("1", "2", "3")))}
            facts.append(term.z == self.book.words.entity(kind, uids[who]["id"]))
            attributes = {}
            for name, known in tables.entities[kind].attributes.items():
                held = random.random() < 0.6 or not known.optional
                if known.optional:
                    facts.append(self.book.words.has(kind, name, term.z) == held)
                if held:
                    attributes[name] = self._fact(random, facts, translator.facts()[f"{who}.{name}"])
            parents = []
            for parent in tables.entities[kind].parents:
                for name in tables.entities[parent].ids or NAMED[parent]:
                    inside = random.random() < 0.4
                    facts.append(self.book.words.is_in(kind, parent, term.z, self.book.words.entity(parent, name)) == inside)
                    parents += [{"type": parent, "id": name}] if inside else []
            entities.append({"uid": uids[who], "attrs": attributes, "parents": parents})
        context = {}
        for name, known in ask.context.items():
            held = random.random() < 0.6 or not known.optional
            if known.optional:
                facts.append(z3.Bool(f"context has {name}") == held)
            if held:
                context[name] = self._fact(random, facts, translator.context(name))
        request = {**uids, "action": {"type": "Action", "id": ask.action}, "context": context}
        return {"request": request, "entities": json.dumps(entities)}, facts

    def _fact(self, random: Random, facts: list[Any], term: Term) -> Any:
        value, z = self._value(random, term.type)
        facts.append(term.z == z)
        return value

    def _value(self, random: Random, kind: Type) -> tuple[Any, Any]:
        if kind == BOOL:
            yes = random.random() < 0.5
            return yes, z3.BoolVal(yes)
        if kind == LONG:
            number = random.choice([0, 1, 1, 2, 2, -(2**63), 2**63 - 1])
            return number, z3.IntVal(number)
        if kind == DATE:
            at = NOON + timedelta(days=random.randrange(-1, 2))
            return {"__extn": {"fn": "datetime", "arg": f"{at:%Y-%m-%dT%H:%M:%SZ}"}}, z3.IntVal(round(at.timestamp() * 1000))
        if kind.of is not None:
            empty = z3.EmptySet(self.book.words.sort(kind.of))
            values, members = [], empty
            for _ in range(random.randrange(3)):
                value, z = self._value(random, kind.of)
                values, members = [*values, value], z3.SetAdd(members, z)
            return values, members
        if kind.name == "String":
            text = random.choice(["x", "y"])
            return text, z3.StringVal(text)
        ids = self.book.words.tables.entities[kind.name].ids or NAMED.get(kind.name, ("1", "2", "3"))
        chosen = random.choice(ids)
        return {"__entity": {"type": kind.name, "id": chosen}}, self.book.words.entity(kind.name, chosen)


@settings(max_examples=20, deadline=None, phases=WITHOUT_SHRINKING)
@given(seed=st.integers(0, 2**32))
def test_the_formulas_of_the_shipped_rules_answer_as_cedar_does(shipped: Asked, seed: int) -> None:
    assert list(shipped.differ(Random(seed))) == []


@settings(max_examples=150, deadline=None, phases=WITHOUT_SHRINKING)
@given(seed=st.integers(0, 2**32))
def test_the_formulas_of_everything_that_is_translated_answer_as_cedar_does(everything: Asked, seed: int) -> None:
    assert list(everything.differ(Random(seed))) == []


@pytest.mark.parametrize(
    "condition",
    [
        "principal.age + 1 == 2",
        "-principal.age == 2",
        'principal.name like "x*"',
        'context.now.offset(duration("1d")) > context.now',
        'principal in Team::"t1" && {a: 1}.a == 1',
        'principal is Man in Team::"t1"',
        "principal.likes.containsAll(principal.likes)",
        "principal.age * 2 > 1",
    ],
)
def test_what_is_not_translated_proves_nothing(condition: str) -> None:
    schema = cedarpy.Schema.from_str(EVERYTHING_SCHEMA)
    rule = f"permit (principal, action, resource) when {{ {condition} }};"
    assert not cedarpy.validate_policies(rule, schema).errors
    folder = Folder(schema, tuple(read("rules.cedar", rule, [])), "")
    book = Rulebook.of(folder)
    with pytest.raises(NotUnderstood, match=r"rules\.cedar, line 1"):
        book.permitted(book.asks()[0])


@pytest.mark.parametrize(
    "schema",
    [
        "namespace N { entity A; }",
        "entity A tags String;",
        "entity A { x: { y: Long } };",
        "entity A { x: decimal };",
        "entity A; entity B in [A]; entity C in [B];",
        'entity A; action "group"; action "a" in ["group"] appliesTo { principal: A, resource: A };',
        "entity A { x: Set<Set<Long>> };",
    ],
)
def test_a_schema_that_is_not_understood_proves_nothing(schema: str) -> None:
    with pytest.raises(NotUnderstood):
        Tables.of(cedarpy.Schema.from_str(schema))


# --- an invariant breaks when its rule is gone ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", FORBIDS[:: len(FORBIDS) // 3], ids=lambda rule: rule.id)
def test_without_a_forbid_an_invariant_breaks(rule: Statement) -> None:
    read_folder = Folder.read(FOLDER)
    rest = tuple(found for found in read_folder.statements if found.id != rule.id)
    assert prove(Prover(Rulebook.of(replace(read_folder, statements=rest))), Invariants.read()).broken


def test_no_permit_that_is_added_breaks_what_holds_whatever_is_permitted() -> None:
    shipped = Folder.read(FOLDER)
    rogue = read("rogue.cedar", '@id("P99-rogue") permit (principal, action, resource);', [])
    broken = prove(Prover(Rulebook.of(replace(shipped, statements=(*shipped.statements, *rogue)))), Invariants.read()).broken
    assert broken
    assert not [cell.invariant.id for cell, _ in broken if cell.invariant.whatever]


def test_a_broken_invariant_is_told_as_a_story_and_leaves_no_certificate(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rewrite(folder, "F06-four-eyes", "")
    assert main([str(folder)]) == 1
    told = capsys.readouterr().out
    assert (
        "I05-four-eyes is broken. Nobody approves or carries out what they proposed themself.\n"
        "    A releasing officer of CTED, cleared for Confidential, can approve a proposal of CTED, Confidential (share:approve), "
        "although they proposed it themself. Out of the ordinary: proposed by: themself. Permitted by P10-approve; no rule forbids it.\n"
    ) in told
    assert not (folder / CERTIFICATE).exists()


def test_a_story_says_where_no_permit_speaks_yet(folder: Path) -> None:
    rewrite(folder, "F15-person-of-another-body", "")
    _, _, faults = proved(folder)
    assert any("No rule forbids it, so a permit that somebody adds would open it." in fault for fault in faults)


def test_rules_that_do_not_fit_their_schema_are_not_proved(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = RULES["F42-legal-hold"].text
    assert main([str(rewrite(folder, "F42-legal-hold", text.replace("resource.held", "resource.helt")))]) == 1
    assert "Nothing is proved." in capsys.readouterr().out


# --- the invariants themselves -------------------------------------------------------------------------------------------------------


def faults_of(tmp_path: Path, old: str, new: str) -> list[str]:
    """What is wrong once the invariants say something else."""
    text = FILE.read_text(encoding="utf-8")
    assert text.count(old) == 1, text.count(old)
    file = tmp_path / "invariants.toml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return list(prove(Prover(Rulebook.of(Folder.read(FOLDER))), Invariants.read(file)).faults)


def test_an_invariant_about_what_cannot_be_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, "never = 'resource.expired'", "never = 'resource.expired && !resource.expired && resource has state'")[
        :1
    ]
    assert "what it excludes can never be" in fault


def test_an_exception_that_protects_nothing_is_a_fault(tmp_path: Path) -> None:
    never = "never = 'resource.placedBy == principal'"
    more = 'except = [{ actions = ["document:lift_hold"], because = "It is told." }]'
    (fault,) = faults_of(tmp_path, never, f"{never}\n{more}")
    assert fault == "I06-hold-lifted-by-another leaves out document:lift_hold, but holds for it. Remove the exception."


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("never = 'resource.placedBy == principal'", "never = 'resource.placeBy == principal'", "no question has"),
        ('only = ["share:fetch"]', 'only = ["share:fetsh"]', "names actions that it cannot be about: share:fetsh"),
        ('only = ["share:fetch"]', 'only = ["document:read"]', "cannot be about document:read"),
        ('id = "I19-file-stays"', 'id = "I18-view-only"', "two invariants of one id"),
        ('id = "I19-file-stays"', 'id = "I19-file-stays"\nwhen = 1', "when means nothing"),
        ('id = "I19-file-stays"', 'id = "I19-file-stays"\nexcept = []', "name either"),
        (
            'although = "they are no auditor"\nsource = "Auditors read',
            'source = "Auditors read',
            "I48-auditors-read-the-log: although is missing",
        ),
        ('id = "I19-file-stays"', "id = 'I19", "invariants.toml: "),
    ],
)
def test_an_invariant_that_cannot_be_meant_stops_the_proof(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(NotUnderstood, match=words):
        faults_of(tmp_path, old, new)


def test_an_action_without_an_invariant_is_a_fault(folder: Path) -> None:
    schema = (folder / SCHEMA).read_text(encoding="utf-8")
    new = 'entity Stamp { red: Bool };\naction "stamp:press" appliesTo { principal: User, resource: Stamp, context: Always };\n'
    (folder / SCHEMA).write_text(schema + new, encoding="utf-8")
    faults = prove(Prover(Rulebook.of(Folder.read(folder))), Invariants.read()).faults
    assert "no invariant protects stamp:press on a Stamp from a permit that somebody adds. Write one." in faults
    assert "nobody can ever do stamp:press. A permit is missing, or the forbids leave nothing." in faults


def test_a_rule_that_never_decides_is_a_fault(folder: Path) -> None:
    more = '@id("P98-never") permit (principal, action == Action::"share:read", resource) when { resource.expired };'
    (folder / "more.cedar").write_text(more, encoding="utf-8")
    faults = prove(Prover(Rulebook.of(Folder.read(folder))), Invariants.read()).faults
    assert faults == ("more.cedar, line 1, rule P98-never: it never decides anything. Remove it, or correct it.",)


# --- what two folders differ in --------------------------------------------------------------------------------------------------------


def test_a_folder_does_not_differ_from_itself(folder: Path) -> None:
    assert difference(FOLDER, folder) == []


def test_who_gains_and_who_loses_is_told(folder: Path) -> None:
    text = RULES["P14-read-share"].text
    rewrite(folder, "P14-read-share", text.replace('Role::"reviewer"', 'Role::"uploader"'))
    gained, lost = difference(FOLDER, folder)
    assert (gained.ask.action, gained.gained, lost.ask.action, lost.gained) == ("share:read", True, "share:read", False)
    assert gained.told() == (
        "share:read gains (uploader). An uploader of CTED, cleared for Confidential, can read a share of OCT, Confidential (share:read), "
        "although only the new rules allow it. Permitted by P14-read-share; no rule forbids it."
    )
    assert [role.value for role in lost.roles] == ["reviewer"]


def test_a_rule_said_in_other_words_makes_no_difference(folder: Path) -> None:
    other = '@id("F24-view-only") @reason("Other words.") forbid (principal, action == Action::"share:download", resource) when {{ {} }};'
    assert difference(FOLDER, rewrite(folder, "F24-view-only", other.format("resource.downloadable == false"))) == []


def test_folders_of_two_schemas_are_compared(folder: Path) -> None:
    schema = (folder / SCHEMA).read_text(encoding="utf-8")
    (folder / SCHEMA).write_text(schema.replace("  held: Bool, ", "  urgent: Bool,\n  held: Bool, ", 1), encoding="utf-8")
    more = '@id("F98-urgent") forbid (principal, action == Action::"document:hold", resource) when { resource.urgent };'
    (folder / "more.cedar").write_text(more, encoding="utf-8")
    (lost,) = difference(FOLDER, folder)
    assert (lost.ask.action, lost.gained) == ("document:hold", False)


def test_the_command_compares(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder), "--against", str(FOLDER)]) == 0
    assert capsys.readouterr().out == "Proved: the two folders allow exactly the same.\n"


def test_a_folder_without_rules_is_not_proved(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        proved(tmp_path)


def test_an_invariant_is_read_in_cedars_own_words() -> None:
    assert parsed("forbid (principal, action, resource) when { resource.held };").clauses
