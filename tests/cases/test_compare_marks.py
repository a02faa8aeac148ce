"""What is kept back in two versions, and left out of two renditions, side by side: for those who may see the pages."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from tests.cases.versions import FIRST, NUMBERED, NUMBERED_LATER, line, place, prepare, released, two_versions, withhold, withhold_label
from tests.cases.withholding import lifted
from tests.common.house import House, shared
from tests.common.slips import VELLAND


def rows(text: str) -> list[list[str]]:
    """The cells of the table, as they are read."""
    body = text[text.index("<tbody>") : text.index("</tbody>")]
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in body.split("<tr>")[1:]]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def compared(house: House, document: str, query: str = "", login: str = "carla") -> list[list[str]]:
    answer = house.guest(login).get(f"/documents/{document}/versions/compare{query}")
    assert answer.status_code == 200, answer.text
    return rows(answer.text)


def renditions(house: House) -> list[str]:
    """Oldest first."""
    return [str(UUID(row[0])) for row in house.sql("select id from rendition order by epoch, built_at")]


# ---- versions
def test_a_passage_that_moved_is_shown_by_its_label_with_both_pages(house: House) -> None:
    document = house.guest("ada").deposit(content=NUMBERED)
    request = withhold_label(house, document, NUMBERED, "§3")
    assert house.guest("ada").upload(document, NUMBERED_LATER).status_code == 201
    ((what, first, second, verdict),) = compared(house, document)
    assert "NV/2026/41" in what
    assert first.startswith("§3, on page 2")
    assert (second, verdict) == ("No place yet", "Unplaced")
    assert place(house, document, request, 2, boxes="§3").status_code == 302
    ((_, first, second, verdict),) = compared(house, document, "?first=1&second=2")
    assert first.startswith("§3, on page 2")
    assert second.startswith("§3, on page 4")
    assert verdict == "Moved"


def test_boxes_that_were_drawn_pages_and_the_whole_document_are_told_apart(house: House) -> None:
    document, request = two_versions(house)
    assert place(house, document, request, 2, boxes=line(4, 1)).status_code == 302
    assert house.guest("carla").withhold(document, "1", version="2").status_code == 302
    assert house.guest("carla").withhold(document).status_code == 302
    found = compared(house, document)
    assert sorted((row[1].split(" Look")[0], row[3]) for row in found) == [
        ("A passage on page 2", "Moved"),
        ("No place yet", "Unplaced"),
        ("The whole document", "In every version"),
    ]


def test_what_was_lifted_in_between_is_shown_with_its_day(house: House) -> None:
    document, request = two_versions(house)
    assert place(house, document, request, 2, boxes=line(4, 1)).status_code == 302
    lifted(house, document)
    ((_, first, second, verdict),) = compared(house, document)
    assert first.startswith("A passage on page 2")
    assert second.startswith("A passage on page 4")
    assert verdict.startswith("Lifted ")


def test_what_was_narrowed_stands_beside_what_it_became(house: House) -> None:
    document = house.guest("ada").deposit(content=FIRST)
    assert house.guest("carla").withhold(document, "1, 2").status_code == 302
    lifted(house, document, pages="2")
    assert house.guest("ada").upload(document, FIRST).status_code == 201
    now, before = compared(house, document)
    assert (now[1].split(" Look")[0], now[2], now[3]) == ("Page 2", "No place yet", "Unplaced")
    assert (before[1].split(" Look")[0], before[2], before[3].split(" ")[0]) == ("Pages 1-2", "Nothing", "Narrowed")


def test_what_ended_before_either_version_came_is_left_out(house: House) -> None:
    document = house.guest("ada").deposit(content=FIRST)
    assert house.guest("carla").withhold(document, "1").status_code == 302
    lifted(house, document)
    house.clock.advance(timedelta(seconds=1))
    for _ in range(2):
        assert house.guest("ada").upload(document, FIRST).status_code == 201
    assert "Nothing is kept back in either" in house.guest("carla").get(f"/documents/{document}/versions/compare?first=2&second=3").text


@pytest.mark.parametrize("query", ["?first=1&second=3", "?first=0&second=2", "?first=x", "?second=9", "?first=-1&second=1"])
def test_a_version_that_there_is_not_is_absent(house: House, query: str) -> None:
    document, _ = two_versions(house)
    assert house.guest("carla").get(f"/documents/{document}/versions/compare{query}").status_code == 404


def test_versions_are_compared_by_those_who_may_see_their_pages_alone(house: House) -> None:
    document, _ = two_versions(house)
    path = f"/documents/{document}/versions/compare?first=1&second=2"
    for login in ("ada", "dana", "elena", "farid", "greta", "omar", "nadia", "quentin"):
        before = len(house.events())
        answer = house.guest(login).get(path)
        assert answer.status_code == (403 if login in {"ada", "dana", "elena"} else 404), login
        assert "SM/NV/2026/41" not in answer.text
        assert [row[:2] for row in house.events()[before:]][-1] == ("marks.compared", "refused")
    assert "Compare what is kept back" in house.guest("carla").get(f"/documents/{document}").text
    assert "Compare what is kept back" not in house.guest("ada").get(f"/documents/{document}").text


def test_the_log_learns_which_versions_were_compared_and_never_where_something_is_kept(house: House) -> None:
    document, _ = two_versions(house)
    compared(house, document)
    told, private = house.sql("select detail, private_part from audit_event where event = 'marks.compared'")[0]
    assert '"first":1' in told.replace(" ", "")
    assert "page" not in told
    assert b"Kestrel" not in bytes(private or b"")


def test_of_a_single_version_there_is_nothing_to_compare(house: House) -> None:
    document = house.guest("ada").deposit(content=FIRST)
    assert house.guest("carla").get(f"/documents/{document}/versions/compare").status_code == 404


# ---- renditions
def test_pages_whose_marks_differ_between_two_renditions_are_listed(house: House) -> None:
    document, _ = shared(house, withheld="3")
    lifted(house, document)
    assert house.guest("carla").withhold(document, "1").status_code == 302
    assert house.guest("carla").withhold(document, "2", reference="SM/NV/2026/70").status_code == 302
    assert house.guest("ada").prepare(document).status_code == 302
    before, now = renditions(house)
    path = f"/documents/{document}/renditions/{now}/compare?before={before}"
    for login in ("ada", "carla", "dana", "elena"):
        answer = house.guest(login).get(path)
        assert answer.status_code == 200, login
        assert [[cell.split(" Look")[0] for cell in row] for row in rows(answer.text)] == [
            ["Page 1", "Nothing", "The whole page", "Added"],
            ["Page 2", "Nothing", "The whole page", "Added"],
            ["Page 3", "The whole page", "Nothing", "No longer kept"],
        ]
    for login in ("omar", "nadia", "quentin", "farid", "greta"):
        assert house.guest(login).get(path).status_code == 404, login


def test_of_two_versions_the_pages_are_not_compared(house: House) -> None:
    document, request = two_versions(house)
    assert place(house, document, request, 2, boxes=line(4, 1)).status_code == 302
    assert released(house, document)
    assert house.guest("ada").upload(document, FIRST).status_code == 201
    assert place(house, document, request, 3, boxes=line(2, 0)).status_code == 302
    assert prepare(house, document).status_code == 302
    before, now = renditions(house)
    shown = house.guest("dana").get(f"/documents/{document}/renditions/{now}/compare?before={before}").text
    assert "whose pages are not the same pages" in shown
    assert "Left out: a passage on page 4" in shown
    assert "Left out: a passage on page 2" in shown


def test_a_rendition_of_another_document_or_none_is_absent(house: House) -> None:
    document, _ = shared(house)
    other = house.guest("ada").deposit("CTED/2026/XVL/9", content=VELLAND)
    assert house.guest("ada").prepare(other).status_code == 302
    first, second = (str(UUID(row[0])) for row in house.sql("select id from rendition order by built_at"))
    for path in (
        f"/documents/{document}/renditions/{first}/compare?before={second}",
        f"/documents/{document}/renditions/{second}/compare?before={first}",
        f"/documents/{document}/renditions/{first}/compare",
        f"/documents/{document}/renditions/{first}/compare?before=nothing",
    ):
        assert house.guest("dana").get(path).status_code == 404, path


def test_it_is_not_compared_with_what_was_prepared_for_another_body(house: House) -> None:
    """A row whose audience was changed is no rendition of ours; the page stops."""
    document, _ = shared(house)
    assert withhold(house, document, line(2, 0)).status_code == 302
    assert house.guest("ada").prepare(document).status_code == 302
    before, now = renditions(house)
    house.sql("update rendition set audience = 'ENTITY' where id = ?", UUID(before).hex)
    assert house.guest("dana").get(f"/documents/{document}/renditions/{now}/compare?before={before}").status_code == 500
