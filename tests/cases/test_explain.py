"""`portal identity explain`: a dry run of the group mapping says what would come of somebody's claims, and changes nothing."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from portal.app import create_app, ready
from portal.cli.commands import main
from portal.kernel.vocabulary import Role
from tests.cases.conftest import rewritten
from tests.cases.deputies import account, enter, link
from tests.common.house import House

Explain = Callable[..., tuple[int, str]]

OTHER = """
[[identity.provider]]
name = "office"
label = "Sign in as staff of the Office"
issuer = "https://login.office.example"
client_id = "portal"
client_secret_file = "keys/client-secret"
bodies = ["OCT"]

[[identity.provider.group]]
name = "office-readers"
body = "OCT"
role = "reviewer"
"""


@pytest.fixture
def explain(house: House, capsys: pytest.CaptureFixture[str]) -> Explain:
    """Runs the command on these claims (or on this text): (exit code, all that it said)."""
    file = house.folder / "config.toml"
    text = file.read_text()
    file.write_text(text.replace("\n[[body]]", f"{OTHER}\n[[body]]", 1))
    issuer = house.config.identity.provider[0].issuer

    def command(*words: str, text: str = "", **claims: Any) -> tuple[int, str]:
        given = {"iss": issuer, "sub": "person-new", "name": "Nina New", "groups": ["cted-uploaders"]} | claims
        path = house.folder / "claims.json"
        path.write_text(text or json.dumps({key: value for key, value in given.items() if value is not None}))
        capsys.readouterr()
        before = _kept(house)
        code = main(["--config", str(file), "identity", "explain", str(path), *words], create_app=create_app, ready=ready)
        assert _kept(house) == before
        said = capsys.readouterr()
        return code, said.out + said.err

    return command


def _kept(house: House) -> list[Any]:
    """What a dry run must not change."""
    tables = ("person", "session", "audit_event", "deputy")
    return [house.sql(f"select count(*) from {table}")[0] for table in tables] + [sorted(house.folder.iterdir())]


# ---- who would be refused, why, and what to change
@pytest.mark.parametrize(
    ("claims", "code", "read", "change"),
    [
        ({"groups": ["canteen"]}, "no_role", "Your account has no role in the portal", "name their group"),
        ({"groups": []}, "no_role", "Your account has no role in the portal", "name their group"),
        ({"groups": ["office-readers"]}, "no_role", "Your account has no role", "have the person put into"),
        ({"groups": ["cted-uploaders", "oct-reviewers"]}, "two_bodies", "two bodies (CTED and OCT)", "one of the two bodies"),
        ({"groups": ["cted-auditors", "cted-uploaders"]}, "conflicting_roles", "nobody may be both", "take one of the two away"),
        ({"groups": "cted-uploaders"}, "sso_token", "vouched for you in a way", "groups_claim"),
        ({"groups": None}, "sso_token", "vouched for you in a way", "groups_claim"),
        ({"groups": ["cted-uploaders", 7]}, "sso_token", "vouched for you in a way", "groups_claim"),
        ({"sub": None}, "sso_token", "vouched for you in a way", "have the provider send"),
        ({"name": ""}, "sso_token", "vouched for you in a way", "have the provider send"),
        ({"auth_time": "noon"}, "sso_token", "vouched for you in a way", "have the provider send"),
    ],
)
def test_a_refusal_says_why_what_the_person_reads_and_what_to_change(
    explain: Explain, claims: dict[str, Any], code: str, read: str, change: str
) -> None:
    status, said = explain(**claims)
    assert status == 3
    assert f"Would be refused ({code})" in said
    assert f"The person would read: {read}" in said or read in said
    assert change in said
    assert "Would be signed in" not in said


def test_a_claim_that_is_missing_is_named(explain: Explain) -> None:
    assert "'groups'" in explain(groups=None)[1]
    assert "'sub'" in explain(sub=None)[1]


def test_a_group_of_a_body_that_the_provider_may_not_assert_means_nothing(explain: Explain) -> None:
    status, said = explain(iss="https://login.office.example", groups=["cted-uploaders", "office-readers"])
    assert status == 0
    assert "Group       cted-uploaders: means nothing here: it is a group of the provider 'demo', and 'office' vouches for OCT only" in said
    assert "Would be signed in: Reviewer of OCT" in said


def test_the_claims_of_another_provider_are_not_taken_for_this_ones(explain: Explain) -> None:
    status, said = explain("--provider", "office", groups=["office-readers"])
    assert status == 3
    assert "'iss' is not the issuer of the provider 'office'" in said


def test_a_closed_account_stays_closed(house: House, explain: Explain) -> None:
    assert house.guest("greta").post(f"/people/{account(house, 'ada')}/close").status_code == 302
    status, said = explain(sub="person-ada")
    assert status == 3
    assert "Would be refused (account_closed)" in said
    assert "This account is closed" in said


def test_what_somebody_is_a_deputy_for_counts(house: House, explain: Explain) -> None:
    enter(house, "farid", Role.REVIEWER)
    status, said = explain(sub="person-farid", groups=["cted-auditors"])
    assert (status, "conflicting_roles" in said, "end what you do as a deputy" in said) == (3, True, True)
    status, said = explain(sub="person-farid", groups=["cted-uploaders"])
    assert (status, "As a deputy, for the time named: Reviewer" in said) == (0, True)


def test_what_another_account_of_the_human_holds_counts(house: House, explain: Explain) -> None:
    link(house, "ada", "bruno")
    status, said = explain(sub="person-ada", groups=["cted-auditors"])
    assert (status, "close one of the two accounts" in said) == (3, True)


# ---- who would be signed in
def test_a_sign_in_is_told_group_by_group(house: House, explain: Explain) -> None:
    status, said = explain(groups=["cted-uploaders", "cted-releasing", "canteen"])
    assert status == 0
    assert "Provider    demo" in said
    assert "person-new of http" in said
    assert ": new\n" in said
    assert "Group       canteen: means nothing here\n" in said
    assert "Group       cted-releasing: Releasing officer of CTED, cleared up to Strictly Confidential\n" in said
    assert "Would be signed in: Releasing officer, Uploader of CTED, cleared up to Strictly Confidential" in said
    assert "nothing is changed" in said


def test_it_knows_who_was_here_and_opens_no_name(house: House, explain: Explain) -> None:
    house.guest("ada")
    status, said = explain(sub="person-ada")
    assert (status, "known here" in said) == (0, True)
    assert "Lindqvist" not in said


def test_what_it_says_is_what_the_sign_in_does(house: House, explain: Explain) -> None:
    """Everybody whom the development provider knows, through both."""
    for login, groups in (
        ("uma", ["cted-uploaders", "cted-releasing"]),
        ("tomas", ["canteen"]),
        ("xenia", ["cted-auditors", "cted-uploaders"]),
    ):
        answer = house.stranger()
        answer.login = login
        status, said = explain(sub=f"person-{login}", groups=groups)
        came = answer.sign_in()
        assert (came.status_code == 200) is (status == 0), login
        if status:
            (read,) = [line.partition(": ")[2] for line in said.splitlines() if line.startswith("The person would read")]
            assert read.split(". ")[0] in came.text.replace("&#39;", "'")


def test_a_token_is_read_and_its_signature_is_said_not_to_be_judged(house: House, explain: Explain) -> None:
    body = {"iss": house.config.identity.provider[0].issuer, "sub": "x", "name": "X", "groups": ["cted-reviewers"]}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "none"}, body)]
    status, said = explain(text=".".join([*parts, "AAAA"]) + "\n")
    assert status == 0
    assert "Not judged  the signature" in said
    assert "Would be signed in: Reviewer of CTED" in said


def test_claims_without_an_issuer_need_a_provider(explain: Explain) -> None:
    status, said = explain(iss=None)
    assert (status, "--provider: demo, office" in said) == (2, True)
    status, said = explain("--provider", "demo", iss=None)
    assert (status, "a token must" in said) == (0, True)


# ---- what cannot be explained
@pytest.mark.parametrize("text", ["not json", "[]", "7", "a.b.c", "{" * 5000, '{"a":' * 100000, "..", "é.é.é", "\x00"])
def test_what_holds_no_claims_is_one_calm_line(explain: Explain, text: str) -> None:
    status, said = explain(text=text)
    assert status == 2
    assert said.startswith("portal: ")
    assert said.count("\n") == 1


def test_a_provider_or_a_file_that_is_not_there_is_one_calm_line(house: House, explain: Explain) -> None:
    status, said = explain("--provider", "nowhere")
    assert (status, "there is no provider 'nowhere' in the configuration; known: demo, office" in said) == (2, True)
    code = main(["--config", str(house.folder / "config.toml"), "identity", "explain", "/nowhere/x"], create_app=create_app, ready=ready)
    assert code == 2


def test_it_needs_no_database(house: House, explain: Explain) -> None:
    rewritten(house.folder / "config.toml", "database", 'url = "sqlite:////nowhere/portal.db"')
    status, said = explain()
    assert status == 0
    assert "the database cannot be asked (unable to open database file)" in said


def test_no_claim_turns_the_terminal(explain: Explain) -> None:
    _, said = explain(groups=["cted-uploaders", "\x1b[2J\u202ex"])
    assert "\x1b" not in said
    assert "\u202e" not in said
