"""`portal identity …`: its words on the command line, and what is to be handed over."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from portal.cases.first_officers import FIRST, Invited
from portal.cases.propose_account import AccountForm


def add_identity(commands: Any) -> None:
    identity = commands.add_parser("identity", help="who may sign in, and as what").add_subparsers(dest="identity", required=True)
    dry = identity.add_parser("explain", help="what groups make of a person: a dry run; exit 3 if they would be refused")
    dry.add_argument("claims", type=Path, help="a file with the claims of an ID token (JSON), or the token itself")
    dry.add_argument("--provider", default="", help="which sign-in service it is of, if the claims do not say (iss)")
    first = identity.add_parser("first-officers", help="name the first persons of a body that has local accounts only")
    first.add_argument("body", help="its code")
    for key, (role, _) in FIRST.items():
        first.add_argument(f"--{key}", nargs=2, required=True, metavar=("NAME", "LOGIN"), help=f"the {role.words.lower()}")


def forms_of(arguments: argparse.Namespace) -> dict[str, AccountForm]:
    given = {key: getattr(arguments, key) for key in FIRST}
    return {key: AccountForm(name=name, login=login) for key, (name, login) in given.items()}


def told_invited(invited: Sequence[Invited]) -> Iterator[str]:
    """The link and the code of each, a line each."""
    yield "Hand these over, link and code on two ways; they are not shown again:"
    for one in invited:
        yield f"- {one.name}, {one.role.words.lower()}"
        yield f"  link: {one.link}"
        yield f"  code: {one.code}"
