"""Coming and going, accounts and deputies, the log and the rules: every door that is about no document is gone through."""

import shutil
from urllib.parse import urlsplit

from tests.architecture.story_documents import last, well
from tests.cases.forged import signed_in, told
from tests.cases.test_deputies import account, end, name, propose
from tests.cases.test_own_sessions import another, session_of
from tests.cases.test_policy_change import door
from tests.common.backups import command
from tests.common.house import Guest, House
from tests.common.local import Local, grant, grant_of, invited, proposed
from tests.common.rules import reworded
from tests.local.test_own_account import change
from tests.rooms.identity.forger import Forger
from tools.tour.stage import ROOT


def at_the_entrance(house: House) -> None:
    stranger = house.stranger()
    well(*(stranger.get(path) for path in ("/health", "/static/portal.css", "/sign-in")))
    leaving = another(house, "olga")
    well(leaving.post("/sign-out"), leaving.get("/signed-out"))


def confirmed(house: House) -> None:
    """A person comes without a second factor, and is asked for one."""
    dana = Guest(house, "dana")
    well(dana.sign_in(second_factor=False))
    back = dana.confirm()
    way = urlsplit(back.headers["Location"])
    well(back, dana.get(f"{way.path}?{way.query}"))


def sessions(house: House) -> None:
    """Of one's own, and of one's staff."""
    omar, greta, bruno = house.guest("omar"), house.guest("greta"), account(house, "bruno")
    other = session_of(house, another(house, "omar"))
    well(omar.get("/sessions"), omar.post(f"/sessions/{other}/end"))
    another(house, "omar")
    well(omar.post("/sessions/end-others"))
    one = session_of(house, another(house, "bruno"))
    well(greta.get("/people"), greta.get("/people/refused-files"), greta.get(f"/people/{bruno}/sessions"))
    well(greta.post(f"/people/{bruno}/sessions/{one}/end"), greta.post(f"/people/{bruno}/sessions/end"))


def ended_by_the_provider(house: House, forger: Forger) -> None:
    signed_in(house, forger)
    well(told(house, forger))


def deputies(house: House) -> None:
    well(house.guest("greta").get(f"/people/{account(house, 'elena')}/deputies"))
    well(propose(house, "elena"), name(house), end(house))


def one_human(house: House) -> None:
    where = f"/people/{account(house, 'gustav')}/accounts"
    well(house.guest("greta").get(where), house.guest("greta").post(where, {"other": account(house, "chen")}))


def erased(house: House) -> None:
    """Omar's names go from the log; before that they are held, and a first proposal is withdrawn."""
    object.__setattr__(house.parts.config.log, "erase_after_days", 0)
    where = f"/people/{account(house, 'omar')}"
    first, second = house.guest("sven"), house.guest("signe")
    well(first.post(f"{where}/close"), first.get(f"{where}/names"))
    well(first.post(f"{where}/names/hold", {"reason": "A court asked for them"}), second.post(f"{where}/names/lift"))
    well(first.post(f"{where}/names/propose"), first.post(f"{where}/names/withdraw"))
    well(first.post(f"{where}/names/propose"), second.post(f"{where}/names/erase"))


def local_accounts(house: House) -> None:
    """An account is made and enrolled; its person signs in, confirms with a code, and changes what they sign in with."""
    well(house.guest("greta").get("/accounts"))
    account = proposed(house)
    well(grant(house, account), house.guest("carla").post(f"/accounts/{account}/grants/{grant_of(house)}/withdraw"))
    person = Local(house, "ines", account)
    well(person.enrol(*invited(house, account)))
    well(person.give_password(), person.get("/sign-in/local/code"), person.give_code(person.next_code()))
    well(person.get("/confirm/local"), person.post("/confirm/local", {"code": person.next_code()}))
    well(person.get("/account"), change(person))
    renewed = {"current": "harbour velvet sixteen crow", "code": person.next_code()}
    well(person.post("/account/recovery-codes", renewed))


def the_log(house: House) -> None:
    farid = house.guest("farid")
    well(*(farid.get(path) for path in ("/audit", "/audit/seen", "/audit/unusual", "/audit/integrity", "/audit/integrity/progress")))
    well(farid.post("/audit/integrity/verify"), farid.post("/audit/integrity/verify"))
    house.worker.sequence()
    well(*(farid.get(path) for path in ("/audit/checkpoint", "/audit/export.csv", "/audit/export.jsonl", "/audit/export.ocsf")))
    well(farid.post("/audit/filters", {"name": "Nights", "from": "20:00"}))
    well(farid.post(f"/audit/filters/{last(house, 'saved_filter', 'kept_at')}/remove"))


def the_rules(house: House) -> None:
    """Other rules are proposed on the machine; their approval is withdrawn."""
    greta, other = house.guest("greta"), house.folder / "other-rules"
    well(greta.get("/policy"), house.guest("farid").get("/policy/what-if"))
    shutil.copytree(ROOT / "policies", other)
    reworded(other, '@reason("This share is suspended.")', '@reason("This share is suspended for now.")')
    assert command(house, "policy", "propose", str(other)) == 0
    well(*(greta.post(door(greta, act)) for act in ("approve", "withdraw")))


def come(house: House) -> None:
    """How the story begins, while the clocks of the house and of the provider agree."""
    at_the_entrance(house)
    confirmed(house)


def tell(house: House, forger: Forger) -> None:
    """The rest of it."""
    sessions(house)
    ended_by_the_provider(house, forger)
    deputies(house)
    local_accounts(house)
    the_log(house)
    the_rules(house)
    one_human(house)
    erased(house)
