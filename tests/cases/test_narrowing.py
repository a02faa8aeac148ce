"""What narrows a list tells nothing of what is not in it: searches, options, totals, suggestions and exports have one WHERE."""

import csv
import re
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest

from portal.cases import listing
from portal.cases.export_list import inert
from portal.kernel.errors import Hidden
from tests.common.house import Guest, House, shared
from tools.tour.sample import SAMORIA_TITLE

HIDDEN = "Assessment of the hidden valley"


def three(house: House) -> list[str]:
    """Three entries of the Directorate's register, and one of the Office's that the Directorate does not know."""
    ada = house.guest("ada")
    made = []
    for symbol, title, changes in (
        ("CTED/2026/XSM/1", "Report of the visit to Samoria", {}),
        ("CTED/2026/XVL/1", "Recommendations for Velland", {"state": "XVL"}),
        ("CTED/2025/XSM/9", "An older report of Samoria", {"level": 0}),
    ):
        made.append(ada.register(symbol, title, **changes))
        house.clock.at += timedelta(seconds=1)
    house.guest("pedro").register("OCT/2026/XTA/1", HIDDEN, state="XTA", level=1)
    return made


def symbols(page: str) -> list[str]:
    return re.findall(r'<span class="p-sym" dir="ltr">([^<]*)</span> ·', page)


def options(page: str, name: str) -> dict[str, str]:
    (inner,) = re.findall(rf'<select[^>]* name="{name}">(.*?)</select>', page, re.DOTALL)
    return dict(re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)</option>', inner))


def exported(guest: Guest, path: str) -> list[list[str]]:
    answer = guest.get(path)
    assert answer.status_code == 200, answer.text
    text = answer.data.decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline="")))


def test_each_way_of_narrowing_leaves_what_fits(house: House) -> None:
    three(house)
    ada = house.guest("ada")
    everything = ["CTED/2025/XSM/9", "CTED/2026/XVL/1", "CTED/2026/XSM/1"]
    assert symbols(ada.get("/documents").text) == everything
    visit = next(value for value, words in options(ada.get("/documents").text, "visit").items() if "Velland" in words)
    for narrowed, left in (
        ("title=REPORT", [everything[0], everything[2]]),
        ("symbol=cted/2026", everything[1:]),
        ("state=XVL", [everything[1]]),
        (f"visit={visit}", [everything[1]]),
        ("kind=mission_report", everything),
        ("level=0", [everything[0]]),
        ("level=0&title=samoria", [everything[0]]),
        ("level=0&title=velland", []),
    ):
        page = ada.get(f"/documents?{narrowed}").text
        assert symbols(page) == left, narrowed
        if left:
            assert f"{len(left)} of {len(left)}<" in page


def test_options_count_only_what_is_seen_and_none_is_of_nothing(house: House) -> None:
    three(house)
    page = house.guest("ada").get("/documents").text
    assert options(page, "level") == {"": "All", "0": "Unclassified (1)", "1": "Confidential (2)"}
    assert options(page, "kind") == {"": "All", "mission_report": "Mission report (3)"}
    assert set(options(page, "state")) == {"", "XSM", "XVL"}
    assert options(house.guest("ada").get("/documents?state=XSM").text, "level") == {
        "": "All",
        "0": "Unclassified (1)",
        "1": "Confidential (1)",
    }
    office = house.guest("pedro").get("/documents").text
    assert options(office, "level") == {"": "All", "1": "Confidential (1)"}


def test_what_is_hidden_and_what_is_not_there_narrow_to_the_same_page(house: House) -> None:
    three(house)
    (visit,) = house.sql("select id from visit where state = 'XTA'")[0]
    ada = house.guest("ada")
    for name, hidden, absent in (
        ("visit", visit, uuid4().hex),
        ("state", "XTA", "XZZ"),
        ("symbol", "OCT/2026/XTA/1", "OCT/2026/XTA/7"),
        ("title", "valley", "forest"),
        ("kind", "assessment", "survey_tool"),
    ):
        pages = [ada.get("/documents", query_string={name: text}).text.replace(text, "?") for text in (hidden, absent)]
        assert pages[0] == pages[1], name
        assert symbols(pages[0]) == []


@pytest.mark.parametrize(
    "query", ["level=7", "level=x", "kind=x", "visit=x", "state=xsm'", "symbol=%00", "before=1", "before=1.x", "before=-1.x"]
)
def test_what_no_list_ever_offered_is_refused(house: House, query: str) -> None:
    house.guest("ada").register()
    assert house.guest("ada").get(f"/documents?{query}").status_code == 422


def test_suggestions_are_symbols_of_ones_own_register_and_never_titles(house: House) -> None:
    three(house)
    ada = house.guest("ada")
    assert ada.get("/documents/suggest?q=cted/2026").json == ["CTED/2026/XSM/1", "CTED/2026/XVL/1"]
    assert ada.get("/documents/suggest?q=OCT").json == ada.get("/documents/suggest?q=%25").json == ada.get("/documents/suggest").json == []
    assert "eport" not in ada.get("/documents/suggest?q=C").text
    assert house.guest("omar").get("/documents/suggest?q=C").json == []
    assert house.guest("farid").get("/documents/suggest?q=C").status_code == house.guest("farid").get("/documents").status_code == 403


def test_a_title_that_is_no_longer_available_is_not_found_by_its_words(house: House) -> None:
    document, _ = shared(house)
    omar = house.guest("omar")
    words = SAMORIA_TITLE.split()[-1]
    assert symbols(omar.get(f"/received?title={words}").text) or SAMORIA_TITLE in omar.get(f"/received?title={words}").text
    assert options(omar.get("/received").text, "available") == {"": "All", "yes": "Available (1)"}
    house.guest("carla").withhold(document)
    page = omar.get(f"/received?title={words}").text
    assert house.cast.symbol not in page
    assert SAMORIA_TITLE not in page
    assert options(omar.get("/received").text, "available") == {"": "All", "no": "No longer available (1)"}


def test_whose_time_is_over_is_told_like_whatever_else_is_no_longer_available(house: House) -> None:
    _, share = shared(house, withheld="")
    house.sql("update share set ends_at = 1, covers_all_requests = 1")
    omar = house.guest("omar")
    assert options(omar.get("/received").text, "available") == {"": "All", "no": "No longer available (1)"}
    assert share in omar.get("/received").text


def test_only_so_many_titles_are_opened(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    three(house)
    monkeypatch.setattr(listing, "SEARCHED", 2)
    ada = house.guest("ada")
    answer = ada.get("/documents?title=report")
    assert answer.status_code == 422
    assert "Too many titles to search" in answer.text
    assert symbols(ada.get("/documents?title=report&state=XSM").text) == ["CTED/2025/XSM/9", "CTED/2026/XSM/1"]


def test_a_list_too_long_to_count_says_so_and_counts_no_option(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    three(house)
    monkeypatch.setattr(listing, "COUNTED", 2)
    page = house.guest("ada").get("/documents").text
    assert "3 of more than 2<" in page
    assert options(page, "kind") == {"": "All", "mission_report": "Mission report"}


def test_an_export_holds_what_the_pages_show_and_is_told_with_its_end(house: House) -> None:
    three(house)
    ada = house.guest("ada")
    head, *rows = exported(ada, "/documents/export?state=XSM")
    assert head[:2] == ["Symbol", "Title"]
    assert [row[:2] for row in rows] == [
        ["CTED/2025/XSM/9", "An older report of Samoria"],
        ["CTED/2026/XSM/1", "Report of the visit to Samoria"],
    ]
    assert [event for event, _, _ in house.events()][-2:] == ["documents.exported", "documents.export_ended"]
    assert '"rows":2' in str(house.sql("select detail from audit_event order by at desc, rowid desc limit 1")[0][0]).replace(" ", "")
    assert HIDDEN not in str(exported(ada, "/documents/export"))
    assert len(exported(ada, "/documents/export?state=XSM&level=0")) == 2


def test_an_export_tells_of_a_suspended_share_its_symbol(house: House) -> None:
    document, _ = shared(house)
    omar = house.guest("omar")
    assert exported(omar, "/received/export")[1][:2] == [house.cast.symbol, SAMORIA_TITLE]
    house.guest("carla").withhold(document)
    assert exported(omar, "/received/export")[1] == [house.cast.symbol, "", "", "", "", "", "No longer available"]


def test_nothing_in_an_export_is_run_by_a_spreadsheet(house: House) -> None:
    house.guest("ada").register(title='=HYPERLINK("https://example.invalid","Report")')
    ((_, title, *_),) = exported(house.guest("ada"), "/documents/export")[1:]
    assert title == '\'=HYPERLINK("https://example.invalid","Report")'
    for live in ("=1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201"):
        assert inert(live) == f"'{live}"
    assert inert("A report") == "A report"


def test_a_row_that_the_decision_hides_leaves_neither_page_suggestion_nor_export(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list says yes, the decision says no: hidden, with an alarm, at every way out."""
    three(house)

    def refused(*given: object) -> None:
        raise Hidden("no")

    monkeypatch.setattr(listing, "decide", refused)
    ada = house.guest("ada")
    assert symbols(ada.get("/documents").text) == []
    assert ada.get("/documents/suggest?q=CTED").json == []
    assert len(exported(ada, "/documents/export")) == 1
    assert len([event for event, _, _ in house.events() if event == "alarm.raised"]) == 9


def test_a_row_that_was_changed_leaves_no_export(house: House) -> None:
    first, *_ = three(house)
    house.sql("update document set epoch = 5 where symbol = 'CTED/2026/XSM/1'")
    ada = house.guest("ada")
    assert first not in ada.get("/documents").text
    assert "CTED/2026/XSM/1" not in str(exported(ada, "/documents/export"))
    assert [event for event, _, _ in house.events()].count("alarm.raised") == 2


def test_a_share_found_by_what_its_reader_may_not_read_is_hidden_with_an_alarm(house: House) -> None:
    """The floors know of a request that the rows do not: the SQL says available, the decision does not."""
    document, _ = shared(house)
    omar = house.guest("omar")
    house.guest("carla").withhold(document)
    house.sql("delete from closure")
    house.sql("update share set covers_all_requests = 1")
    assert house.cast.symbol in omar.get("/received").text
    before = [event for event, _, _ in house.events()].count("alarm.raised")
    page = omar.get("/received?available=yes").text
    assert f'dir="ltr">{house.cast.symbol}' not in page
    assert [event for event, _, _ in house.events()].count("alarm.raised") == before + 1


def test_pages_go_on_where_the_last_one_ended(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    three(house)
    monkeypatch.setattr(listing.Selection.page, "__kwdefaults__", {"limit": 2})
    ada = house.guest("ada")
    first = ada.get("/documents?kind=mission_report").text
    (older,) = re.findall(r'href="([^"]*before=[^"]*)"', first)
    assert "kind=mission_report" in older
    second = ada.get(older.replace("&amp;", "&")).text
    assert symbols(first) + symbols(second) == ["CTED/2025/XSM/9", "CTED/2026/XVL/1", "CTED/2026/XSM/1"]
    assert "before=" not in second
