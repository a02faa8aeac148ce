"""A fresh second factor: who needs one is asked, confirms at the provider, and goes on with what they were about to do."""

import re
from datetime import timedelta
from html import unescape

import pytest
from werkzeug.test import TestResponse

from portal.gateway import flow as flowing
from portal.kernel.actions import Action
from portal.kernel.clock import SetClock
from portal.policy.canaries import SHOWS
from portal.policy.lint import CONFIRMED
from tests.cases.test_sessions import close, cookie_of
from tests.common.house import Guest, House, proposal_of, shared

ASKS = "Confirm that it is you"
TEN = timedelta(minutes=10)


def unconfirmed(house: House, login: str) -> Guest:
    """This person, signed in with a password alone."""
    house.guest(login)  # the clock is set, and the account known
    guest = Guest(house, login)
    assert guest.sign_in(second_factor=False).status_code == 200
    return guest


def proposed(house: House, **options: int) -> tuple[str, str]:
    """(document, proposal) that wait for a second officer."""
    uploader = house.guest(house.cast.both)
    document = uploader.deposit(**options)
    assert house.guest(house.cast.confidentiality).prepare(document).status_code == 302
    assert house.guest(house.cast.confidentiality).propose(document, use="file").status_code == 302
    return document, proposal_of(house)


def strictly_shared(house: House) -> tuple[str, str]:
    """(document, share) of something Strictly Confidential."""
    document, proposal = proposed(house, level=2)
    assert house.guest(house.cast.releasing).approve(proposal).status_code == 302
    listed = house.guest(house.cast.cleared_reader).get("/received").text
    return document, re.findall(r"/received/([0-9a-f-]{36})", listed)[0]


def link(answer: TestResponse) -> str:
    """The name of what is to be continued, from the link of the page that asks."""
    assert answer.status_code == 403
    assert ASKS in answer.text
    return re.search(r'href="/confirm/start\?about=([\w-]*)"', answer.text)[1]  # type: ignore[index]


def form_of(answer: TestResponse) -> tuple[str, dict[str, str]]:
    """Address and fields of the form that is to be sent again."""
    form = re.search(r'<form method="post" action="([^"]+)">(.*?)<button', answer.text.split("<main")[1], re.DOTALL)
    assert form is not None, answer.text
    return unescape(form[1]), {n: unescape(v) for n, v in re.findall(r'name="([^"]+)" value="([^"]*)"', form[2])}


def minutes_later(house: House, by: timedelta) -> None:
    assert isinstance(house.clock, SetClock)
    house.clock.at = house.clock.now() + by


# ---- what is asked for, and what goes on


def test_an_approval_without_a_second_factor_is_asked_for_one_and_nothing_is_decided(house: House) -> None:
    _, proposal = proposed(house)
    officer = unconfirmed(house, house.cast.releasing)
    assert link(officer.approve(proposal))
    assert house.sql("select count(*) from share") == [(0,)]
    assert house.events()[-1] == ("share.approved", "refused", "step_up")


def test_whoever_confirms_goes_on_with_the_very_form_and_one_more_button(house: House) -> None:
    document, proposal = proposed(house)
    officer = unconfirmed(house, house.cast.releasing)
    back = officer.confirm(link(officer.approve(proposal)))
    assert house.events()[-1][:2] == ("session.confirmed", "done")
    page = officer.get(back.headers["Location"])
    address, fields = form_of(page)
    assert (address, fields.keys()) == (f"/approvals/{proposal}/approve", {"csrf"})
    assert fields["csrf"] == officer.token()
    assert house.sql("select count(*) from share") == [(0,)]
    assert officer.post(address, fields).headers["Location"] == f"/documents/{document}"
    assert house.sql("select count(*) from share") == [(1,)]


def test_nothing_typed_is_lost(house: House) -> None:
    document, _ = proposed(house, level=2)
    assert house.guest(house.cast.releasing).post(f"/approvals/{proposal_of(house)}/decline").status_code == 302
    officer = unconfirmed(house, house.cast.confidentiality)
    typed = {"purpose": 'Follow-up in the "northern" posts & <elsewhere>', "use": "view_only", "until": "2027-01-31"}
    back = officer.confirm(link(officer.propose(document, **typed)))
    address, fields = form_of(officer.get(back.headers["Location"]))
    assert typed.items() <= fields.items()
    assert fields["recipient"] == house.cast.other
    assert officer.post(address, fields).status_code == 302


def test_a_page_that_asked_opens_after_the_confirmation(house: House) -> None:
    _, share = strictly_shared(house)
    reader = unconfirmed(house, house.cast.cleared_reader)
    path = f"/received/{share}/pages/1"
    back = reader.confirm(link(reader.get(path)))
    assert reader.get(back.headers["Location"]).headers["Location"] == path
    assert reader.get(path).status_code == 200


def test_a_program_reads_a_code(house: House) -> None:
    _, proposal = proposed(house)
    officer = unconfirmed(house, house.cast.releasing)
    answer = officer.post(f"/approvals/{proposal}/approve", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")
    assert answer.json is not None
    assert answer.json["code"] == "step_up"
    assert "Confirm that it is you" in answer.json["detail"]


def test_who_may_not_do_it_anyway_is_told_that_and_not_asked(house: House) -> None:
    _, proposal = proposed(house)
    uploader = unconfirmed(house, house.cast.uploader)
    refused = uploader.approve(proposal)
    assert refused.status_code == 403
    assert ASKS not in refused.text


def test_who_proposed_it_is_not_sent_to_confirm_in_vain(house: House) -> None:
    both = house.guest(house.cast.both)
    document = both.deposit()
    assert both.prepare(document).status_code == 302
    assert both.propose(document).status_code == 302
    refused = unconfirmed(house, house.cast.both).approve(proposal_of(house))
    assert "You proposed this yourself" in refused.text
    assert ASKS not in refused.text


def test_a_hold_and_a_shredding_ask_too(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    officer = house.guest(house.cast.confidentiality)
    officer.post(f"/documents/{document}/holds", {"reason": "A court asked for it"})
    release = unconfirmed(house, house.cast.releasing)
    hold = re.search(rf"/documents/{document}/holds/([\w-]+)/lift", release.get(f"/documents/{document}").text)
    assert hold is not None
    assert link(release.post(hold[0]))
    assert house.guest(house.cast.releasing).post(hold[0]).status_code == 302
    officer.post(f"/documents/{document}/shredding", {"reason": "Sent in error"})
    shred = re.search(rf"/documents/{document}/shredding/([\w-]+)/confirm", release.get(f"/documents/{document}").text)
    assert shred is not None
    assert link(release.post(shred[0], {"symbol": house.cast.symbol}))


def test_closing_never_waits_for_a_second_factor(house: House) -> None:
    document, _ = strictly_shared(house)
    assert unconfirmed(house, house.cast.releasing).recall(document, proposal_of(house)).status_code == 302
    assert unconfirmed(house, house.cast.confidentiality).withhold(document, "1").status_code == 302


# ---- how long, and whose


def test_a_second_factor_counts_for_ten_minutes_and_not_a_moment_longer(house: House) -> None:
    _, share = strictly_shared(house)
    reader = Guest(house, house.cast.cleared_reader)
    house.clock.at -= timedelta(seconds=5)  # the provider tells whole seconds: they must not be before ours
    reader.sign_in()
    begun = house.clock.now()
    for after, status in ((timedelta(0), 200), (TEN - timedelta(microseconds=1), 200), (TEN, 403)):
        house.clock.at = begun + after
        assert reader.get(f"/received/{share}/pages/1").status_code == status


def test_a_clock_set_back_extends_nothing(house: House) -> None:
    _, share = strictly_shared(house)
    reader = Guest(house, house.cast.cleared_reader)
    reader.sign_in()
    minutes_later(house, -timedelta(seconds=1))
    assert link(reader.get(f"/received/{share}/pages/1"))


def test_a_sign_in_with_a_second_factor_need_not_be_confirmed_at_once(house: House) -> None:
    _, proposal = proposed(house)
    assert house.guest(house.cast.releasing).approve(proposal).status_code == 302


def test_the_session_is_another_one_after_the_confirmation(house: House) -> None:
    officer = unconfirmed(house, house.cast.releasing)
    before = cookie_of(officer)
    assert officer.confirm().status_code == 302
    assert cookie_of(officer) != before
    old = Guest(house, house.cast.releasing)
    old.client.set_cookie("__Host-portal", before, domain="localhost", secure=True)
    assert old.get("/documents").status_code == 401


def test_another_person_who_comes_back_is_refused_and_the_session_stays(house: House) -> None:
    _, proposal = proposed(house)
    officer = unconfirmed(house, house.cast.both)
    refused = officer.come_back(officer.get("/confirm/start"), login=house.cast.releasing)
    assert refused.status_code == 403
    assert "Nothing was confirmed" in refused.text
    assert house.events()[-1] == ("session.signed_in", "failed", "confirm_other_person")
    assert officer.get("/documents").status_code == 200
    assert officer.approve(proposal).status_code == 403


def test_an_answer_counts_once(house: House) -> None:
    officer = unconfirmed(house, house.cast.releasing)
    sent = officer.get("/confirm/start")
    seen: list[str] = []
    real = officer.get
    officer.get = lambda path, **options: (seen.append(path), real(path, **options))[1]  # type: ignore[method-assign]
    assert officer.come_back(sent).status_code == 302
    assert real(seen[-1]).status_code == 403
    assert real("/documents").status_code == 200


def test_an_answer_that_comes_after_the_sign_out_in_another_tab_is_refused(house: House) -> None:
    officer = unconfirmed(house, house.cast.releasing)
    sent = officer.get("/confirm/start")
    assert officer.post("/sign-out").status_code == 302
    assert officer.come_back(sent).status_code == 403
    assert officer.get("/documents").status_code == 401


def test_an_account_that_was_closed_meanwhile_is_not_let_in_again(house: House) -> None:
    officer = unconfirmed(house, "dana")
    sent = officer.get("/confirm/start")
    close(house, "dana")
    assert officer.come_back(sent).status_code == 403
    assert officer.get("/documents").status_code == 401


# ---- what is kept, and what is not


def test_a_name_that_was_never_given_leads_home(house: House) -> None:
    officer = unconfirmed(house, house.cast.releasing)
    for about in ("", "x", "https://elsewhere.example/", "//elsewhere.example"):
        back = officer.confirm(about)
        assert officer.get(back.headers["Location"]).headers["Location"] == "/"


def test_two_tabs_that_confirm_each_go_on_with_their_own(house: House) -> None:
    document, proposal = proposed(house)
    house.guest(house.cast.confidentiality).post(f"/documents/{document}/holds", {"reason": "A court asked for it"})
    officer = unconfirmed(house, house.cast.releasing)
    lift = re.search(rf"/documents/{document}/holds/([\w-]+)/lift", officer.get(f"/documents/{document}").text)
    assert lift is not None
    names = [link(officer.approve(proposal)), link(officer.post(lift[0]))]
    sent = [officer.get("/confirm/start", query_string={"about": name}) for name in names]
    back = [officer.come_back(each) for each in sent]
    assert [answer.headers["Location"] for answer in back] == [f"/confirm/continue?about={name}" for name in names]
    forms = [form_of(officer.get(answer.headers["Location"]))[0] for answer in back]
    assert forms == [f"/approvals/{proposal}/approve", lift[0]]


def test_what_was_kept_is_gone_after_ten_minutes(house: House) -> None:
    _, proposal = proposed(house)
    officer = unconfirmed(house, house.cast.releasing)
    about = link(officer.approve(proposal))
    minutes_later(house, TEN)
    assert officer.get(f"/confirm/continue?about={about}").headers["Location"] == "/"


def test_a_form_that_is_too_large_is_not_kept_and_the_page_says_so(house: House) -> None:
    _, proposal = proposed(house)
    officer = unconfirmed(house, house.cast.releasing)
    asks = officer.post(f"/approvals/{proposal}/approve", {"note": "x" * 17_000})
    assert link(asks) == ""
    assert "Then repeat this step" in asks.text


def test_the_last_four_are_kept(house: House) -> None:
    _, share = strictly_shared(house)
    reader = unconfirmed(house, house.cast.cleared_reader)
    names = []
    for time in range(5):
        house.clock.advance(timedelta(seconds=1))
        names.append(link(reader.get(f"/received/{share}/pages/1?time={time}")))
    places = [reader.get(f"/confirm/continue?about={name}").headers["Location"] for name in names]
    assert places == ["/", *(f"/received/{share}/pages/1?time={time}" for time in range(1, 5))]


def test_what_is_kept_stands_sealed_in_the_database(house: House) -> None:
    document, _ = proposed(house, level=2)
    officer = unconfirmed(house, house.cast.confidentiality)
    link(officer.propose(document, purpose="Words that nobody else may read"))
    assert not any(b"Words that nobody" in content for content in house.everything_at_rest().values())


def test_a_picture_of_a_page_is_nothing_to_come_back_to(house: House) -> None:
    _, share = strictly_shared(house)
    reader = unconfirmed(house, house.cast.cleared_reader)
    assert link(reader.get(f"/received/{share}/pages/1", headers={"Sec-Fetch-Dest": "image"})) == ""


def test_every_form_that_may_ask_goes_on_and_no_upload_does(house: House) -> None:
    asking = CONFIRMED | set(SHOWS)
    for rule in house.app.url_map.iter_rules():
        guard = house.app.view_functions[rule.endpoint].guard
        if "POST" in (rule.methods or ()) and guard.action in asking:
            assert guard.resumes, rule.endpoint
        if guard.action is Action.VERSION_DEPOSIT:
            assert not guard.resumes, rule.endpoint


# ---- a provider that cannot


def test_a_provider_that_cannot_ask_is_named_with_what_the_administrator_must_do(house: House) -> None:
    _, proposal = proposed(house)
    officer = unconfirmed(house, house.cast.releasing)
    entry = house.parts.config.identity.provider[0]
    object.__setattr__(entry, "step_up_acr", ())
    try:
        asks = officer.approve(proposal)
        started = officer.get("/confirm/start")
    finally:
        object.__setattr__(entry, "step_up_acr", ("second-factor",))
    assert asks.status_code == started.status_code == 403
    assert "step_up_acr" in asks.text
    assert "/confirm/start" not in asks.text
    assert "step_up_acr" in started.text


# ---- Strictly Confidential, from end to end


def test_something_strictly_confidential_crosses_and_is_read_by_who_is_cleared(house: House) -> None:
    document, share = strictly_shared(house)
    reader = house.guest(house.cast.cleared_reader)
    page = reader.get(f"/received/{share}/pages/1")
    assert page.status_code == 200
    assert "Strictly Confidential" in page.text
    assert house.guest(house.cast.reader).get(f"/received/{share}/pages/1").status_code == 403  # cleared up to Confidential
    assert reader.get(f"/documents/{document}").status_code == 404
    assert reader.post(f"/received/{share}/copies").mimetype == "application/pdf"


def test_every_look_at_something_strictly_confidential_needs_a_fresh_factor(house: House) -> None:
    document, share = strictly_shared(house)
    rendition = house.guest(house.cast.confidentiality).get(f"/documents/{document}").text.split("/renditions/")[1][:36]
    looks = {
        house.cast.cleared_reader: [f"/received/{share}/pages/1", f"/received/{share}/file"],
        house.cast.confidentiality: [f"/documents/{document}/passages/1", f"/documents/{document}/renditions/{rendition}/pages/1"],
        house.cast.both: [f"/documents/{document}/file"],
    }
    for login, paths in looks.items():
        guest = unconfirmed(house, login)
        for path in paths:
            assert ASKS in guest.get(path).text, path
        assert guest.confirm().status_code == 302
        for path in paths:
            assert guest.get(path).status_code == 200, path


def test_a_download_begun_with_a_fresh_factor_may_finish_and_the_next_may_not_begin(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flowing, "CADENCE", 0.0)  # every piece is decided on
    content_of = f"/received/{strictly_shared(house)[1]}/file"
    reader = Guest(house, house.cast.cleared_reader)
    reader.sign_in()
    pieces = iter(reader.get(content_of).response)
    first = next(pieces)
    minutes_later(house, TEN)
    assert (first + b"".join(pieces)).startswith(b"%PDF")
    assert link(reader.get(content_of))


def test_pages_say_before_one_clicks_that_a_step_needs_a_confirmation(house: House) -> None:
    document, _ = proposed(house)
    note = "You will be asked to confirm that it is you"
    assert note in unconfirmed(house, house.cast.releasing).get(f"/documents/{document}").text
    assert note not in house.guest(house.cast.releasing).get(f"/documents/{document}").text


@pytest.mark.parametrize("level", [0, 1])
def test_looking_at_anything_less_needs_none(house: House, level: int) -> None:
    _, share = shared(house)
    assert unconfirmed(house, house.cast.reader).get(f"/received/{share}/pages/1").status_code == 200
