"""`init`, `migrate`, `serve`, `audit …`, `identity …`, `policy …`, `networks …`, `restore …`, `recover …`, `doctor`, `passages`,
`render`, `witness …`.

Each reads the configuration named by `PORTAL_CONFIG` or `--config`; some of `recover` need none, nor do `passages`, `render`, `witness`
and `audit verify --from-tiles`.

Exit codes: 0 done, 1 the thing checked is not in order, 2 it could not be done (the message says what to do), 3 (`identity explain`,
`policy what-if`) the person would be refused, or (`render`) the proof found a leak.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from portal.cases.change_policy import propose_policy
from portal.cases.offline import (
    compare_policies,
    discard,
    initialise,
    migrate,
    name_first_officers,
    publish,
    reconcile,
    settle,
    verify,
    what_if,
)
from portal.cases.recovery_identity import demand_split
from portal.cli.checking import add_verify, check_log
from portal.cli.doctor import doctor
from portal.cli.explained import explain_identity
from portal.cli.identity import add_identity, forms_of, told_invited
from portal.cli.networks import add_networks, networks
from portal.cli.policy import add_policy, question_of, told_answer, told_comparison, told_progress, told_proposal
from portal.cli.recover import add_recover, recover, told_identity
from portal.cli.render import COMMANDS, add_render, render
from portal.cli.restore import add_restore, told_plan
from portal.cli.serve import serve
from portal.cli.witness import add_witness, witness
from portal.kernel.config import Config, load_config
from portal.kernel.database import told
from portal.kernel.errors import PortalError
from portal.kernel.services import Service, Task

MakeApp = Callable[..., Any]
Unserved = Callable[[Config], tuple[Any, Any]]


def parser() -> argparse.ArgumentParser:
    """Every command with its words."""
    made = argparse.ArgumentParser(prog="portal", description="The Portal: run and check an installation.")
    made.add_argument("--config", help="configuration file (else PORTAL_CONFIG)")
    commands = made.add_subparsers(dest="command", required=True)
    new = commands.add_parser("init", help="make keys, tables and the log of a new installation")
    new.add_argument("--split", default="", metavar="K-of-N", help="print each recovery identity as N key shares, any K of which open")
    commands.add_parser("migrate", help="bring the tables up to date")
    commands.add_parser("serve", help="serve the portal")
    audit = commands.add_parser("audit", help="the log").add_subparsers(dest="audit", required=True)
    add_verify(audit)
    published = audit.add_parser("publish", help="write the log to a folder, for whoever checks it without the portal")
    published.add_argument("--to", required=True, type=Path, metavar="FOLDER", help="an empty one, or one that holds this log already")
    add_identity(commands)
    add_policy(commands)
    add_networks(commands)
    add_restore(commands)
    add_recover(commands)
    add_render(commands)
    add_witness(commands)
    health = commands.add_parser("doctor", help="look at the whole installation, change nothing; exit 1 if anything is at fault")
    health.add_argument("--full", action="store_true", help="also what takes long: the whole log, every index of the database")
    health.add_argument("--json", action="store_true", help="for a program to read")
    return made


def main(argv: Sequence[str], *, create_app: MakeApp, ready: Callable[[Config], None], unserved: Unserved | None = None) -> int:
    arguments = parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # what is tried again is no news until it fails for good
    try:
        if arguments.command == "doctor":  # which looks at what no other command would work with
            return doctor(arguments.config, full=arguments.full, as_json=arguments.json)
        if arguments.command == "recover":  # after a disaster there is no configuration
            return recover(arguments, unserved)
        if arguments.command in COMMANDS:
            return render(arguments)
        if arguments.command == "witness":  # which others run, who have no configuration of ours
            return witness(arguments)
        if arguments.command == "audit" and arguments.audit == "verify":  # of a published log, too, by whoever has no configuration
            return check_log(arguments, verify)
        config = load_config(arguments.config)
        if arguments.command == "policy":
            return _policy(arguments, config, unserved)
        if arguments.command == "networks":
            return _networks(arguments, config, unserved)
        if arguments.command == "identity":
            if arguments.identity == "explain":
                return explain_identity(config, arguments.claims, arguments.provider)
            return _identity(arguments, config, unserved)
        return _restore(arguments, config, unserved) if arguments.command == "restore" else _run(arguments, config, create_app, ready)
    except PortalError as error:
        print(f"portal: {error.detail or error.public}", file=sys.stderr)
    except DBAPIError as error:
        print(
            f"portal: the database cannot be used: {told(error)}. Does it run, and is [database] right? See docs/database.md.",
            file=sys.stderr,
        )
    except OSError as error:
        print(f"portal: {error.filename or 'this machine'}: {error.strerror or error}", file=sys.stderr)
    return 2


def _run(arguments: argparse.Namespace, config: Config, create_app: MakeApp, ready: Callable[[Config], None]) -> int:
    if arguments.command == "init":
        demand_split(arguments.split)
        made = initialise(config)
        print("A new installation is ready. Recovery identities, one for each body: print them, keep them offline, do not store them here.")
        for body, identity in made.recovery.items():
            told_identity(body, identity, arguments.split)
        print(f"Key that verifies the log: {made.log_key}")
    elif arguments.command == "migrate":
        migrate(config)
        print("The tables are up to date.")
    elif arguments.command == "serve":
        ready(config)  # what is missing is said here, in a sentence, and not by a server that cannot start
        serve(config, create_app)
    else:
        head = publish(config, arguments.to)
        print(f"{arguments.to} holds {head.size} leaves of {head.origin}. To check: tools/verify_portal_log.py (docs/formats/log.md).")
    return 0


def _identity(arguments: argparse.Namespace, config: Config, unserved: Unserved | None) -> int:
    assert unserved is not None
    passage, worker = unserved(config)
    try:
        operating = partial(passage.acting, Service.OPERATOR)
        passage.adopt_policy()  # the log's first event is that the portal was initialised
        for line in told_invited(name_first_officers(passage.parts, operating(Task.OFFICERS_NAME), arguments.body, forms_of(arguments))):
            print(line)
        worker.sequence()
        return 0
    finally:
        passage.parts.database.close()


def _policy(arguments: argparse.Namespace, config: Config, unserved: Unserved | None) -> int:
    assert unserved is not None
    passage, _ = unserved(config)  # the portal may run meanwhile, and its own loop gives the events their leaves
    try:
        operating = partial(passage.acting, Service.OPERATOR)
        if arguments.policy == "propose":
            proposed = propose_policy(passage.parts, operating(Task.POLICY_PROPOSE), arguments.folder)
            print("\n".join(told_proposal(proposed, arguments.folder, config.policy.path)))
            return 0
        if arguments.policy == "what-if":
            answer = what_if(passage.parts, operating(Task.POLICY_SIMULATE), question_of(arguments), arguments.policies)
            print("\n".join(told_answer(answer)))
            return 0 if answer.explanation.allowed else 3
        found = compare_policies(passage.parts, operating(Task.POLICY_SIMULATE), arguments.old, arguments.new, told_progress)
        print("\n".join(told_comparison(found, everybody=arguments.persons)))
        return 1 if found.changes else 0
    finally:
        passage.parts.database.close()


def _networks(arguments: argparse.Namespace, config: Config, unserved: Unserved | None) -> int:
    assert unserved is not None
    passage, _ = unserved(config)  # the portal may run meanwhile, and its own loop gives the event its leaf
    try:
        return networks(arguments, passage)
    finally:
        passage.parts.database.close()


def _restore(arguments: argparse.Namespace, config: Config, unserved: Unserved | None) -> int:
    assert unserved is not None
    passage, worker = unserved(config)
    try:
        operating = partial(passage.acting, Service.OPERATOR)
        if arguments.restore == "discard":
            discard(passage.parts, operating(Task.RESTORE_DISCARD))
            print("Objects that no row names may be swept again.")
        elif arguments.restore == "settle":
            settle(passage.parts, operating(Task.RESTORE_SETTLE), arguments.symbol, arguments.body)
            print(f"{arguments.symbol} can be prepared and proposed again; two officers decide.")
        else:
            plan = reconcile(
                passage.parts,
                operating(Task.RESTORE_RECONCILE),
                published=arguments.published,
                restored=arguments.restored,
                dry_run=arguments.dry_run,
            )
            for line in told_plan(plan, dry_run=arguments.dry_run):
                print(line)
            if arguments.dry_run or not plan.to_do:
                return 1 if plan.gone else 0
        worker.sequence()
        return 0
    finally:
        passage.parts.database.close()
