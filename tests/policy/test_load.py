"""The gate: rules that are broken, incomplete or weaker than they were do not load, and the message says where."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.kernel.errors import Misconfigured
from portal.policy.load import PolicySet
from portal.policy.rules import read
from tests.policy.worlds import BODIES, FOLDER

FILES = sorted(path.name for path in FOLDER.glob("*.cedar"))
RULES = {found.id: found for name in FILES for found in read(name, (FOLDER / name).read_text(encoding="utf-8"), [])}
SCHEMA = "portal.cedarschema"

Edit = Callable[[str, str, str], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (*FILES, SCHEMA):
        shutil.copyfile(FOLDER / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def edit(folder: Path) -> Edit:
    """Replace a passage that must be there exactly once in this file, or in the file of this rule."""

    def change(where: str, old: str, new: str) -> Path:
        file = folder / (RULES[where].file if where in RULES else where)
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, (file.name, old, text.count(old))
        file.write_text(text.replace(old, new), encoding="utf-8")
        return folder

    return change


def refused(folder: Path, *words: str, bodies: tuple[str, ...] = BODIES) -> str:
    with pytest.raises(Misconfigured) as stopped:
        PolicySet.load(folder, bodies)
    for word in words:
        assert word in stopped.value.detail, stopped.value.detail
    return stopped.value.detail


def test_the_shipped_rules_load_and_say_what_they_are(policies: PolicySet) -> None:
    assert sorted(policies.rules) == sorted(RULES)
    assert len(policies.hash) == 64
    for rule in policies.rules.values():
        assert rule.reason.endswith(".")
        assert RULES[rule.id].line == rule.line


# --- mutants -------------------------------------------------------------------------------------------------------------------------


#: By name alone, whatever it says: one of each file.
@pytest.mark.parametrize("rule", sorted({rule.file: rule.id for rule in RULES.values()}.values()))
def test_a_rule_that_is_removed_is_missed(edit: Edit, rule: str) -> None:
    refused(edit(rule, RULES[rule].text, ""), f"rule {rule} is missing")


#: Every rule, a dozen at a time, those of one file apart: the gate names every fault of a step, so that a rule is missed by itself.
TOGETHER = [sorted(RULES)[place :: len(RULES) // 12] for place in range(len(RULES) // 12)]


@pytest.mark.parametrize("rules", TOGETHER, ids=lambda rules: rules[0])
def test_a_rule_that_never_fires_is_missed(edit: Edit, folder: Path, rules: list[str]) -> None:
    for rule in rules:
        text = RULES[rule].text
        edit(rule, text, text[:-1] + " when { 1 == 2 };")  # in the line of the rule's end: the lines of the rest stay what they are
    told = refused(folder)
    for rule in rules:
        assert f"{RULES[rule].file}, line {RULES[rule].line}, rule {rule}: " in told, told


#: Each weakens one rule in one place only. The words name the action whose protection is gone.
WEAKENED = [
    ('Action::"rendition:build", Action::"rendition:read",\n    Action::"share:propose", Action::"share:approve", '
     'Action::"share:read", Action::"share:download", Action::"share:fetch",', 'Action::"rendition:build",\n    Action::"share:propose", '
     'Action::"share:approve", Action::"share:read", Action::"share:download", Action::"share:fetch",',
     "F08-clearance", "rendition:read"),
    ('Action::"share:read", Action::"share:download", Action::"share:fetch"\n  ]',
     'Action::"share:read", Action::"share:download"\n  ]',
     "F09-strictly-confidential", "share:fetch"),
    ("resource.level >= 2", "resource.level > 2", "F09-strictly-confidential", "share:propose"),
    ('when { principal in [Role::"auditor", Role::"security_administrator"] }', 'when { principal in [Role::"auditor"] }',
     "F10-oversight-sees-no-content", "document:read"),
    ('Action::"received:list", Action::"share:know", Action::"share:read"', 'Action::"received:list", Action::"share:know"',
     "F10-oversight-sees-no-content", "share:read"),
    ("forbid (principal is User, action, resource)", 'forbid (principal, action == Action::"share:read", resource)',
     "F11-closed-account", "home:read"),
    ("forbid (principal, action, resource is Document)", 'forbid (principal, action == Action::"document:read", resource)',
     "F12-document-of-another-body", "share:propose"),
    ("resource.withheldFrom.contains(context.recipient)", "resource.withheldFrom.contains(principal.body)",
     "F02-withheld-from-recipient", "share:propose"),
    ("when { resource.proposedBy == principal };", 'when { resource.proposedBy == principal && principal in Role::"uploader" };',
     "F06-four-eyes", "share:approve"),
    ("unless { context.confirmed }", "unless { context.confirmed || principal.clearance > 1 }",
     "F09-strictly-confidential", "share:read"),
    ('@duty("second_person step_up")', '@duty("step_up")', "P10-approve", "second_person"),
    ('@duty("second_person step_up")', '@duty("second_person")', "P10-approve", "Add step_up"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "rule", "word"), WEAKENED, ids=[f"{w[2]} for {w[3]}" for w in WEAKENED])
def test_a_rule_that_is_weakened_is_missed(edit: Edit, old: str, new: str, rule: str, word: str) -> None:
    refused(edit(rule, old, new), rule, word)


def test_a_permit_whose_work_another_one_took_over_is_missed(edit: Edit) -> None:
    """Its duty would be gone with it."""
    text = RULES["P14-read-share"].text
    edit("P13-know-share", 'action == Action::"share:know"', 'action in [Action::"share:know", Action::"share:read"]')
    refused(edit("P14-read-share", text, text[:-1] + "\nwhen { 1 == 2 };"), "rule P14-read-share: share:read is not permitted by it")


def test_a_rule_without_a_canary_does_not_load(folder: Path) -> None:
    (folder / "more.cedar").write_text(
        '@id("F99-new")\n@reason("This is a new rule.")\n@source("A test.")\nforbid (principal, action, resource)\nwhen { 1 == 2 };\n'
    )
    refused(folder, "more.cedar, line 1, rule F99-new", "has no canary")


# --- faults of text ------------------------------------------------------------------------------------------------------------------

FAULTS = [
    ("a missing bracket", "F11-closed-account", "unless { principal.active };", "unless { principal.active ;",
     ("rule F11-closed-account", "syntax")),
    ("a missing semicolon", "F19-file-first", "unless { resource.deposited };", "unless { resource.deposited }",
     ("line ", "rule F19-file-first")),
    ("an unclosed string", "F05-suspended", '@reason("This share is suspended.")', '@reason("This share is suspended.)',
     ("rule F05-suspended",)),
    ("a double id", "F19-file-first", '@id("F19-file-first")', '@id("F12-document-of-another-body")',
     ("rule F12-document-of-another-body", "stands already in")),
    ("a person named by their id", "F19-file-first", "unless { resource.deposited };",
     'unless { resource.deposited && principal != User::"u1" };',
     ("rule F19-file-first", "names one User by its id")),
    ("a document named by its id", "F19-file-first", "unless { resource.deposited };",
     'unless { resource.deposited && resource != Document::"d1" };',
     ("rule F19-file-first", "names one Document by its id")),
    ("no id", "P15-audit", '@id("P15-audit")', "", ("log.cedar", "cannot be used")),
    ("an id of another shape", "P15-audit", '@id("P15-audit")', '@id("audit")', ("rule audit", "cannot be used")),
    ("a permit that looks like a forbid", "P15-audit", '@id("P15-audit")', '@id("F30-audit")', ("rule F30-audit", "must not begin with F")),
    ("no reason", "F05-suspended", '@reason("This share is suspended.")', "", ("rule F05-suspended", "has no reason")),
    ("an empty reason", "F05-suspended", '@reason("This share is suspended.")', '@reason("")', ("rule F05-suspended", "has no reason")),
    ("no source", "F05-suspended", 'suspended.")\n@source(', 'suspended.")\n@origin(', ("rule F05-suspended", "has no source", "@origin")),
    ("an unknown action", "P15-audit", 'Action::"audit:read"', 'Action::"audit:reed"', ("rule P15-audit", "audit:reed")),
    ("an open action", "P15-audit", 'Action::"audit:read"', 'Action::"health:read"', ("rule P15-audit",)),
    ("an unknown role", "P15-audit", 'in Role::"auditor", action == Action::"audit:read"',
     'in Role::"auditer", action == Action::"audit:read"',
     ("rule P15-audit", "auditer")),
    ("an unknown state", "F05-suspended", 'ShareState::"suspended"', 'ShareState::"suspendet"', ("rule F05-suspended", "suspendet")),
    ("an unknown attribute", "F20-decided-once", "{ resource.open }", "{ resource.opened }", ("rule F20-decided-once", "opened")),
    ("an unknown body", "F07-not-to-oneself", "context.recipient == principal.body", 'context.recipient == Body::"CTDE"',
     ("rule F07-not-to-oneself", "CTDE", "CTED, OCT")),
    ("a duty nobody knows", "P10-approve", '@duty("second_person step_up")', '@duty("second_persons")',
     ("rule P10-approve", "second_persons")),
    ("an annotation nobody knows", "P10-approve", '@duty("second_person step_up")', '@dutty("second_person")',
     ("rule P10-approve", "@dutty")),
    ("a duty on a forbid", "F05-suspended", '@id("F05-suspended")', '@id("F05-suspended")\n@duty("watermark")',
     ("rule F05-suspended", "@duty")),
    ("a telling reason", "F01-share-covers-requests", '@id("F01-share-covers-requests")',
     '@id("F01-share-covers-requests")\n@tell("recipient")',
     ("rule F01-share-covers-requests", "coversAllRequests")),
    ("a tell to nobody", "F20-decided-once", '@id("F20-decided-once")', '@id("F20-decided-once")\n@tell("everyone")',
     ("F20-decided-once", "@tell")),
    ("a permit for every action", "P15-audit", 'permit (principal in Role::"auditor", action == Action::"audit:read", resource)',
     'permit (principal in Role::"auditor", action, resource)', ("rule P15-audit", "every action")),
    ("a template", "P15-audit", 'permit (principal in Role::"auditor", action == Action::"audit:read"',
     'permit (principal in ?principal, action == Action::"audit:read"', ("template",)),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "old", "new", "words"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_fault_is_refused_by_name(edit: Edit, rule: str, old: str, new: str, words: tuple[str, ...]) -> None:
    refused(edit(rule, old, new), RULES[rule].file, *words)


def test_every_fault_of_a_step_is_named_at_once(edit: Edit) -> None:
    edit("P15-audit", 'in Role::"auditor", action == Action::"audit:read"', 'in Role::"auditer", action == Action::"audit:read"')
    refused(edit("F20-decided-once", "{ resource.open }", "{ resource.opened }"), "auditer", "opened")


def test_a_line_is_the_line_in_the_file(edit: Edit) -> None:
    edit("F05-suspended", '@reason("This share is suspended.")', "")
    folder = edit("F05-suspended", "// What a Member State", "// One;\n// two;\n// What a Member State")
    refused(folder, f"line {RULES['F05-suspended'].line + 2},")


def test_a_semicolon_in_a_reason_or_a_comment_ends_no_rule() -> None:
    text = '// a; b\n@id("F01-x") // c;\n@reason("One; two \\" three;")\nforbid (principal, action, resource);\n// the end;\n'
    faults: list[str] = []
    (found,) = read("x.cedar", text, faults)
    assert (found.line, found.id, faults) == (2, "F01-x", [])


# --- schema and code -----------------------------------------------------------------------------------------------------------------


def test_an_action_that_only_the_schema_knows_is_refused(edit: Edit) -> None:
    refused(
        edit(SCHEMA, '"asset:read", "session:begin"', '"asset:read", "session:begin", "session:pause"'), "session:pause", "does not know"
    )


def test_an_action_that_only_the_code_knows_is_refused(edit: Edit) -> None:
    refused(edit(SCHEMA, '"asset:read", "session:begin"', '"asset:read"'), "session:begin", "has no action")


@pytest.mark.parametrize("name", ["reviewer", "live"])
def test_a_word_that_only_the_code_knows_is_refused(edit: Edit, name: str) -> None:
    refused(edit(SCHEMA, f'"{name}"', f'"{name}s"'), f"'{name}'", f"'{name}s'")


def test_a_broken_schema_is_refused(edit: Edit) -> None:
    refused(edit(SCHEMA, "entity Body;", "entity Body"), SCHEMA, "Mend the schema")


# --- folder --------------------------------------------------------------------------------------------------------------------------


def test_a_folder_without_rules_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, "policy.path")
    shutil.copyfile(FOLDER / SCHEMA, tmp_path / SCHEMA)
    refused(tmp_path, "no rules")


def test_a_folder_without_a_schema_is_refused(folder: Path) -> None:
    (folder / SCHEMA).unlink()
    refused(folder, SCHEMA, "cannot be read")


def test_rules_that_are_not_text_are_refused(folder: Path) -> None:
    (folder / "x.cedar").write_bytes(b"\xff\xfe")
    refused(folder, "x.cedar", "cannot be read")


def test_one_body_is_not_enough_to_try_the_rules_on(folder: Path) -> None:
    refused(folder, "two bodies", bodies=("CTED",))


def test_the_hash_names_exactly_this_text(folder: Path, policies: PolicySet) -> None:
    assert PolicySet.load(folder, BODIES).hash == policies.hash
    file = folder / FILES[0]
    file.write_text(file.read_text() + "// one more remark\n")
    changed = PolicySet.load(folder, BODIES).hash
    assert changed != policies.hash
    file.rename(folder / "never.cedar")
    assert PolicySet.load(folder, BODIES).hash not in {changed, policies.hash}
