"""The commands of an installation: what is missing or in the way is said in a sentence that says what to do, and nothing was changed."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.app import create_app, ready
from portal.cases.offline import initialise, migrate, newest_tables
from portal.cli.commands import main
from portal.kernel.config import load_config
from portal.kernel.errors import Misconfigured
from tests.cases.conftest import renewed, rewritten
from tests.common import databases
from tests.common.backups import started
from tests.common.house import BUCKET, House
from tests.conftest import CHEAP
from tools.tour.stage import ROOT


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Runs a command: (exit code, what it said on standard error). `serve` is a process of its own, which must end by itself."""

    def command(file: Path, *words: str) -> tuple[int, str]:
        if words == ("serve",):
            served = [sys.executable, "-m", "portal", "--config", str(file), "serve"]
            done = subprocess.run(served, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
            return done.returncode, done.stderr
        capsys.readouterr()
        code = main(["--config", str(file), *words], create_app=create_app, ready=ready)
        return code, capsys.readouterr().err

    return command


OUT_OF_REACH = [
    ("sqlite:////dev/null/portal.db", "unable to open|/dev/null: File exists"),
    ("postgresql://portal:pass-word@127.0.0.1:1/portal", "refused"),
    ("postgresql://portal:pass-word@nowhere.invalid/portal", "not known|resolution"),
    ("postgresql://portal@/portal?unix_sock=/nowhere/.s.PGSQL.5432", "No such file"),
]


@pytest.mark.parametrize(("url", "why"), OUT_OF_REACH)
@pytest.mark.parametrize("command", ["init", "migrate", "serve", "audit verify"])
def test_a_database_out_of_reach_is_one_calm_line(
    house: House, run: Callable[..., tuple[int, str]], url: str, why: str, command: str
) -> None:
    file = rewritten(house.folder / "config.toml", "database", f'url = "{url}"')
    if command == "init":
        for name in ("keyring.json", "log.key"):
            (house.folder / "keys" / name).unlink()
    before = {path: path.read_bytes() for path in house.folder.rglob("*") if path.is_file()}
    code, said = run(file, *command.split())
    assert code == 2
    assert re.fullmatch(rf"portal: the database cannot be used: [^\n]*({why})[^\n]*docs/database.md[^\n]*\n", said), said
    assert "pass-word" not in said
    assert {path: path.read_bytes() for path in house.folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("command", ["init", "serve"])
def test_a_store_out_of_reach_is_one_calm_line(fresh: Path, run: Callable[..., tuple[int, str]], command: str) -> None:
    if command == "serve":
        initialise(load_config(fresh), **CHEAP)
    secret = fresh.parent / "keys" / "store-secret"
    secret.write_text("a-secret-key\n")
    secret.chmod(0o600)
    lines = (
        'kind = "s3"\nendpoint = "127.0.0.1:1"\nbucket = "bucket"\naccess_key = "a"\nsecret_key_file = "keys/store-secret"\nsecure = false'
    )
    code, said = run(rewritten(fresh, "store", lines), command)
    assert code == 2
    assert re.fullmatch(r"portal: the store does not answer: [^\n]*store\.endpoint[^\n]*\n", said), said
    assert "a-secret-key" not in said
    assert (fresh.parent / "keys" / "keyring.json").exists() == (command == "serve")


def test_a_folder_that_cannot_be_is_one_calm_line(fresh: Path, run: Callable[..., tuple[int, str]]) -> None:
    (fresh.parent / "file").write_text("")
    code, said = run(rewritten(fresh, "store", 'path = "file/objects"'), "init")
    assert code == 2
    assert re.fullmatch(r"portal: the store [^\n]* cannot be used: [^\n]*\n", said), said


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mysql://root:pass-word@localhost/portal",
        "postgresql+psycopg://a:pass-word@h/portal",
        "postgresql://a:pass-word@host",
        "postgresql://a:pass-word@host/portal?sslmode=disable",
        "postgresql://a:pass-word@host:x/portal",
        "sqlite://",
        "",
    ],
)
def test_an_address_that_cannot_be_one_is_named_and_not_repeated(house: House, url: str) -> None:
    for lines in (f'url = "{url}"', f'url = "postgresql://a@h/p"\nowner_url = "{url}"'):
        if not url and "owner" in lines:
            continue
        with pytest.raises(Misconfigured, match=r"database\.(owner_)?url must be") as told:
            load_config(rewritten(house.folder / "config.toml", "database", lines))
        assert "pass-word" not in str(told.value)


def test_an_owner_of_a_file_is_refused(house: House) -> None:
    with pytest.raises(Misconfigured, match="PostgreSQL only"):
        load_config(rewritten(house.folder / "config.toml", "database", 'url = "sqlite:///a"\nowner_url = "sqlite:///a"'))


def test_init_refuses_a_database_that_is_in_use(house: House, fresh: Path, run: Callable[..., tuple[int, str]]) -> None:
    """Its rows are another installation's, and new keys open none of them."""
    used = house.config.database
    file = rewritten(fresh, "database", f'url = "{used.url}"\nowner_url = "{used.owner_url}"')
    before = house.sql("select count(*) from audit_event")
    code, said = run(file, "init")
    assert (code, "in use" in said, "nothing was changed" in said) == (2, True, True)
    assert not (house.folder / "keys" / "keyring.json").exists()
    assert house.sql("select count(*) from audit_event") == before


def test_init_refuses_a_database_with_tables_of_others(fresh: Path, run: Callable[..., tuple[int, str]]) -> None:
    databases.tamper(load_config(fresh).database.url, "create table theirs (id int)")
    code, said = run(fresh, "init")
    assert (code, "theirs" in said) == (2, True)
    assert not (fresh.parent / "keys" / "keyring.json").exists()


def test_init_goes_on_where_one_was_cut_short(fresh: Path) -> None:
    """The tables are made before the keys."""
    config = load_config(fresh)
    config.store.path.mkdir()
    migrate(config)
    initialise(config, **CHEAP)
    ready(config)


@pytest.mark.sqlite
@pytest.mark.filterwarnings("error")
def test_init_makes_the_folder_of_its_database_for_its_user_alone_and_says_nothing_else(fresh: Path) -> None:
    config = load_config(renewed(fresh, "var/portal.db"))
    initialise(config, **CHEAP)
    assert (fresh.parent / "var").stat().st_mode & 0o777 == 0o700
    ready(config)


def test_init_refuses_a_store_that_is_not_empty(house: House, fresh: Path, run: Callable[..., tuple[int, str]]) -> None:
    """A sweep removes what no row of its own database names: two installations in one store would delete each other's objects."""
    if house.s3:
        rewritten(fresh, "store", house.s3.written(BUCKET, house.folder / "keys" / "store-secret"))
        house.plant("theirs", b"x")
    else:
        (house.folder / "fresh").mkdir()
        (house.folder / "fresh" / "theirs").write_bytes(b"x")
    before = house.objects()
    code, said = run(fresh, "init")
    assert (code, "not empty" in said, "nothing was changed" in said) == (2, True, True)
    assert house.objects() == before
    assert not (house.folder / "keys" / "keyring.json").exists()


def test_serve_says_that_there_are_no_tables(fresh: Path, run: Callable[..., tuple[int, str]]) -> None:
    initialise(load_config(fresh), **CHEAP)
    renewed(fresh, "other.db")
    code, said = run(fresh, "serve")
    assert (code, "portal init" in said) == (2, True)


def test_serve_says_that_the_tables_are_old(fresh: Path, run: Callable[..., tuple[int, str]]) -> None:
    config = load_config(fresh)
    initialise(config, **CHEAP)
    databases.tamper(config.database.url, "update alembic_version set version_num = 'older'")
    code, said = run(fresh, "serve")
    assert (code, "portal migrate" in said) == (2, True)


@pytest.mark.parametrize("known", [{"tables": "older"}, {}], ids=["older ones", "none: an older version began the log"])
def test_the_log_is_told_once_of_tables_that_were_migrated(house: House, known: dict[str, str]) -> None:
    told = json.loads(house.sql("select detail from audit_event where event = 'portal.initialised'")[0][0])
    assert told["tables"] == newest_tables()
    without = {name: fact for name, fact in told.items() if name != "tables"}
    house.sql("update audit_event set detail = ? where event = 'portal.initialised'", json.dumps(without | known))
    for _ in range(2):
        started(house)
    ((event, action, roles),) = house.sql("select detail, action, actor_roles from audit_event where event = 'portal.migrated'")
    assert json.loads(event) == {"before": known.get("tables", ""), "tables": newest_tables()}
    assert (action, roles) == ("policy:adopt", ",operator,")


def test_the_log_of_a_portal_is_published_and_checked_without_it(house: House, run: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    mirror, kept = tmp_path / "mirror", tmp_path / "kept"
    check = [sys.executable, "-I", str(ROOT / "tools" / "verify_portal_log.py"), str(mirror), "--key", str(mirror / "log.vkey")]
    for document in ("CTED/2026/XSM/1", "CTED/2026/XSM/2"):
        house.guest("ada").deposit(document)
        house.worker.sequence()
        assert run(house.folder / "config.toml", "audit", "publish", "--to", str(mirror)) == (0, "")
        since = ["--since", str(kept)] if kept.exists() else []
        done = subprocess.run([*check, *since, "--remember", str(kept)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert re.fullmatch(r"In order: \d+ leaves of \S+, root [0-9a-f]{16}\n", done.stdout)
    content = b"".join(path.read_bytes() for path in mirror.rglob("*") if path.is_file())
    assert b"XSM" not in content
