"""House rules that a reader would forget and a machine does not (architecture: Storeys, Locks 3, 5, 9, Conventions).

The rules that read source are functions over one file; each is shown here to find what it must, so that it cannot go blind unnoticed.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from portal.cases.offline import OFFLINE
from portal.kernel.actions import OPEN_ACTIONS
from portal.kernel.config import Config, load_config
from portal.kernel.events import QUIET

ROOT = Path(__file__).parents[2]
PORTAL = ROOT / "portal"
EXAMPLE = ROOT / "config.example.toml"
LOCKS = ("requirements.lock", "requirements-dev.lock")


def sources() -> list[Path]:
    return sorted(PORTAL.rglob("*.py"))


def found(rule: Any, exempt: tuple[str, ...] = ()) -> list[str]:
    """Every finding of a rule in portal/, as `file:line: what`."""
    findings = []
    for file in sources():
        name = file.relative_to(ROOT).as_posix()
        if not name.startswith(exempt or ("-",)):
            findings += [f"{name}:{line}: {what}" for line, what in rule(ast.parse(file.read_text(encoding="utf-8")))]
    return findings


# --- imports -------------------------------------------------------------------------------------------------------------------------


def test_imports_keep_to_their_storeys() -> None:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"[1-9]\d* kept, 0 broken", done.stdout)


# --- permits -------------------------------------------------------------------------------------------------------------------------

#: Calls that may be handed the class itself: they ask about it and make none.
ASKING = frozenset({"isinstance", "issubclass", "cast", "get_type_hints", "assert_type"})


def permits_made(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every place where a `Permit` is or could be made: called, subclassed, renamed, handed to another, fetched by name, copied."""
    names = {"Permit"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname for alias in node.names if alias.name == "Permit" and alias.asname}

    def is_class(node: ast.AST) -> bool:
        return (isinstance(node, ast.Name) and node.id in names) or (isinstance(node, ast.Attribute) and node.attr == "Permit")

    permits = {"permit"}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation and any(map(is_class, ast.walk(node.annotation))):
            permits.add(node.arg)

    def is_permit(node: ast.AST) -> bool:
        return (isinstance(node, ast.Name) and node.id in permits) or (isinstance(node, ast.Attribute) and node.attr == "permit")

    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Call):
            called = _last(node.func)
            handed = [*node.args, *(keyword.value for keyword in node.keywords)]
            held = node.func.value if isinstance(node.func, ast.Attribute) else node.func
            if is_class(node.func):
                yield line, "a permit is made"
            elif is_class(held):
                yield line, f"a permit is made by {called}"
            elif called not in ASKING and any(map(is_class, handed)):
                yield line, f"{called} is handed the class Permit"
            elif called in {"getattr", "import_string"} and any(isinstance(a, ast.Constant) and "Permit" in str(a.value) for a in handed):
                yield line, "the class Permit is fetched by its name"
            elif called in {"replace", "__replace__", "copy", "deepcopy"} and any(map(is_permit, [held, *handed])):
                yield line, f"{called} copies a permit"
            elif isinstance(node.func, ast.Call) and _last(node.func.func) == "type" and any(map(is_permit, node.func.args)):
                yield line, "a permit is made by the type of another"
        elif isinstance(node, ast.ClassDef) and any(map(is_class, node.bases)):
            yield line, f"{node.name} is a kind of Permit"
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None and is_class(node.value):
            yield line, "the class Permit gets another name"


def _last(node: ast.AST) -> str:
    """The last word of a dotted name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def test_only_the_policy_makes_a_permit() -> None:
    assert found(permits_made, exempt=("portal/policy/decide.py",)) == []


@pytest.mark.parametrize(
    "source",
    [
        "from portal.kernel.permit import Permit\nPermit(subject=None)",
        "from portal.kernel.permit import Permit as P\nP(subject=None)",
        "import portal.kernel.permit\nportal.kernel.permit.Permit(subject=None)",
        "from portal.kernel import permit as p\np.Permit(subject=None)",
        "Make = Permit",
        "Make: type = permit_module.Permit",
        "(Make := Permit)",
        "functools.partial(Permit, subject=None)",
        "build(kind=Permit)",
        "object.__new__(Permit)",
        "Permit.__new__(Permit)",
        "class Better(Permit): ...",
        "getattr(module, 'Permit')",
        "dataclasses.replace(permit, subject=other)",
        "def f(given: Permit): return replace(given, action=other)",
        "def f(given: 'x', *, held: Permit | None): return copy.copy(held)",
        "replace(self.permit, action=other)",
        "type(permit)(subject=None)",
        "permit.__replace__(action=other)",
    ],
)
def test_a_permit_made_by_any_road_is_seen(source: str) -> None:
    assert list(permits_made(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "from portal.kernel.permit import Permit\ndef f(permit: Permit) -> Permit | None: return permit",
        "isinstance(permit, Permit)",
        "permit.must_cover(action, target)",
        "def f(uow, permit: Permit): return open_field(permit, place, value)",
        "held: dict[str, Permit] = {}",
        "text.replace('a', 'b')",
    ],
)
def test_a_permit_shown_or_named_is_not_a_permit_made(source: str) -> None:
    assert list(permits_made(ast.parse(source))) == []


# --- commits -------------------------------------------------------------------------------------------------------------------------

MAY_COMMIT = ("portal/gateway/passage.py", "portal/gateway/own_acts.py")
COMMANDS = re.compile(r"(COMMIT( TRANSACTION| WORK)?|END TRANSACTION|AUTOCOMMIT)\s*;?", re.IGNORECASE)


def commits(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every commit: called, handed on, by a block that commits when it ends, or in SQL."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and node.attr in {"commit", "autocommit"}:
            yield node.lineno, f".{node.attr}"
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                call = item.context_expr
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "begin":
                    yield node.lineno, "with .begin() commits when it ends"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and COMMANDS.fullmatch(node.value.strip()):
            yield node.lineno, f"the word {node.value.strip()} for the database"


def test_only_the_passages_commit() -> None:
    assert found(commits, exempt=MAY_COMMIT) == []


@pytest.mark.parametrize(
    "source",
    [
        "session.commit()",
        "uow.session.commit()",
        "later(session.commit)",
        "with session.begin(): ...",
        "with engine.begin() as connection: ...",
        "session.execute(text('COMMIT'))",
        "connection.exec_driver_sql('commit;')",
        "engine.execution_options(isolation_level='AUTOCOMMIT')",
        "getattr(session, 'commit')()",
    ],
)
def test_a_commit_by_any_road_is_seen(source: str) -> None:
    assert list(commits(ast.parse(source)))


@pytest.mark.parametrize(
    "source", ["commit_id = 1", "'commits when it ends'", "session.flush()", "sessions.begin(person)", "with session.begin_nested(): ..."]
)
def test_a_word_like_commit_is_no_commit(source: str) -> None:
    assert list(commits(ast.parse(source))) == []


# --- names and sizes -----------------------------------------------------------------------------------------------------------------

EMPTY_WORDS = frozenset({"util", "utils", "utility", "utilities", "helper", "helpers", "manager", "managers", "common", "misc"})


def test_no_module_has_a_name_that_says_nothing() -> None:
    parts = {part for path in PORTAL.rglob("*") if path.suffix == ".py" for part in path.relative_to(PORTAL).with_suffix("").parts}
    assert [part for part in sorted(parts) if EMPTY_WORDS & set(part.lower().split("_"))] == []


def test_no_file_is_longer_than_a_head_can_hold() -> None:
    lengths = {file.relative_to(ROOT).as_posix(): len(file.read_text(encoding="utf-8").splitlines()) for file in sources()}
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}


# --- literal sets --------------------------------------------------------------------------------------------------------------------


def test_what_is_done_without_a_person_is_this() -> None:
    assert sorted(OFFLINE) == [
        "compare_policies",
        "discard",
        "initialise",
        "migrate",
        "name_first_officers",
        "publish",
        "reconcile",
        "settle",
        "verify",
        "what_if",
    ]
    commands = ast.parse((PORTAL / "cli" / "commands.py").read_text(encoding="utf-8"))
    taken = {a.name for n in ast.walk(commands) if isinstance(n, ast.ImportFrom) and n.module == "portal.cases.offline" for a in n.names}
    assert taken == OFFLINE


def test_the_doors_that_open_without_a_session_are_these() -> None:
    assert sorted(OPEN_ACTIONS) == ["asset:read", "health:read", "session:begin", "session:end_by_provider"]


def test_the_acts_that_leave_no_event_are_these() -> None:
    quiet = [
        "asset.read",
        "audit.check_asked",
        "form.opened",
        "health.read",
        "rendition.asked",
        "session.confirmation_started",
        "session.offered",
        "session.provider_left",
        "session.started",
        "upload.asked",
        "upload.continued",
    ]
    assert sorted(QUIET) == quiet


# --- what a file must not say --------------------------------------------------------------------------------------------------------

#: Written apart, so that this file does not say it either.
ADDRESSES = ("pypi" + ".org", "pythonhosted" + ".org", "registry." + "npmjs", "registry." + "yarnpkg", "deb." + "debian.org")
ELSEWHERE = re.compile("|".join([*map(re.escape, ADDRESSES), r"(?<![\w.~-])/(?:root|home|work|Users)/"]))
IGNORED = frozenset({".git", ".venv", "build", "node_modules", "__pycache__"})


def committed() -> list[Path]:
    """Every file that is or would be committed; without git, every file outside the folders that git ignores."""
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
        paths = [ROOT / name for name in done.stdout.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        paths = [path for path in ROOT.rglob("*") if not IGNORED & set(path.relative_to(ROOT).parts) and not path.name.startswith(".")]
    return [path for path in paths if path.is_file()]


def said(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if match := ELSEWHERE.search(line):
            yield number, match.group()


def test_no_file_names_a_registry_or_a_place_on_somebodys_machine() -> None:
    files = committed()
    assert ROOT / "pyproject.toml" in files
    findings = []
    for file in files:
        raw = file.read_bytes()
        if b"\0" not in raw:
            findings += [f"{file.relative_to(ROOT)}:{line}: {what}" for line, what in said(raw.decode("utf-8", "replace"))]
    assert findings == []


@pytest.mark.parametrize("place", [*ADDRESSES, "/ro" + "ot/x", "'/ho" + "me/somebody", "see /wo" + "rk/main", "file:///ho" + "me/x"])
def test_a_registry_or_a_place_is_seen(place: str) -> None:
    assert list(said(f"one line\nindex = https://{place}/simple")) or list(said(f"one line\n{place}"))


@pytest.mark.parametrize("text", ["tree/root/of", "https://portal.example/home", "the root / home / work", "href='/work'"])
def test_a_route_or_a_word_is_no_place(text: str) -> None:
    assert list(said(text)) == []


# --- locks ---------------------------------------------------------------------------------------------------------------------------


def pins(lock: str) -> dict[str, str]:
    """Each package of a lock with its version, condition and hashes."""
    entries = re.sub(r"\\\n", " ", (ROOT / lock).read_text(encoding="utf-8")).splitlines()
    return {entry.split("==")[0].strip(): " ".join(entry.split()) for entry in entries if entry.strip()}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_package_by_hash_and_names_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index" not in re.sub(r"(?m)^[a-z0-9_.-]+==", "", text)
    assert len(pins(lock)) > 20
    loose = [entry for entry in pins(lock).values() if not re.match(r"[\w.\[\]-]+==\S+.* --hash=sha256:[0-9a-f]{64}( |$)", entry)]
    assert loose == []


def test_what_runs_is_what_is_tested() -> None:
    """The environment for tests holds the one that runs, pin for pin; `tools/newcomer.sh` counts on it."""
    run, dev = pins(LOCKS[0]), pins(LOCKS[1])
    assert {name: entry for name, entry in run.items() if dev.get(name) != entry} == {}


def test_every_requirement_stands_in_the_locks() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for lock, requirements in ((LOCKS[0], project["dependencies"]), (LOCKS[1], project["optional-dependencies"]["dev"])):
        wanted = {re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower() for requirement in requirements}
        assert wanted - set(pins(lock)) == set()


# --- the example configuration -------------------------------------------------------------------------------------------------------


def keys_of(kind: Any, where: str = "") -> Iterator[str]:
    """Every key a configuration may have, dotted."""
    hints = get_type_hints(kind)
    for field in fields(kind):
        name, hint = f"{where}{field.name}", hints[field.name]
        inner = [part for part in (hint, *get_args(hint)) if is_dataclass(part)]
        for part in inner:
            yield from keys_of(part, f"{name}.")
        if not inner:
            yield name


def keys_in(value: Any, where: str = "") -> Iterator[str]:
    """Every key a configuration has, dotted; the tables of one list count together."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from keys_in(below, f"{where}.{key}" if where else key)
    elif isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
        for entry in value:
            yield from keys_in(entry, where)
    else:
        yield where


def examples() -> list[str]:
    """The example as it stands, and with the S3 store and the tables that it shows in comments."""
    text = EXAMPLE.read_text(encoding="utf-8")
    witnessed = text
    for name in ("log.witness", "log.syslog", "schedule.rule"):
        table = re.search(rf"(?m)^# \[\[{re.escape(name)}\]\]\n(# .*\n)+", text)
        assert table is not None
        witnessed = witnessed.replace(table[0], re.sub(r"(?m)^# ", "", table[0]))
    before, store, after = re.split(r"(?ms)^(\[store\]\n.*?)^(?=\[)", witnessed, maxsplit=1)
    other = "".join(line.removeprefix("# ") for line in store.splitlines(keepends=True) if line.startswith(("[store]", "# ")))
    return [text, before + other + after]


@pytest.mark.parametrize("n", [0, 1])
def test_the_example_configuration_loads(n: int, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(examples()[n], encoding="utf-8")
    config = load_config(tmp_path / "config.toml")
    assert isinstance(config, Config)
    assert config.store.kind == ["filesystem", "s3"][n]


def test_the_example_configuration_shows_every_key_and_no_other() -> None:
    shown = {key for text in examples() for key in keys_in(tomllib.loads(text))}
    known = set(keys_of(Config))
    assert known - shown == set()
    assert shown - known == set()
