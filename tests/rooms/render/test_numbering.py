"""What the beginning of a line counts, in six languages; and what only looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.confidentiality.render.numbering import Level, annex, as_letter, as_roman, han, letter, readings, roman, table

BEGINS = [
    ("16. The mission", (Level.PARAGRAPH, 16)),
    ("16．代表团", (Level.PARAGRAPH, 16)),
    ("16.代表团", (Level.PARAGRAPH, 16)),
    ("١٦ - زارت البعثة", (Level.PARAGRAPH, 16)),
    ("١٦- زارت", (Level.PARAGRAPH, 16)),
    (".16 زارت البعثة", (Level.PARAGRAPH, 16)),
    ("IV. Findings", (Level.SECTION, 4)),
    ("四、结论", (Level.SECTION, 4)),
    ("十二、 结论", (Level.SECTION, 12)),
    ("رابعا - الاستنتاجات", (Level.SECTION, 4)),
    ("أولاً - مقدمة", (Level.SECTION, 1)),
    ("أوال - مقدمة", (Level.SECTION, 1)),
    ("B. Laws", (Level.PART, 2)),
    ("Б. Законы", (Level.PART, 2)),
    ("باء - القوانين", (Level.PART, 2)),
    ("(e) Patrols", (Level.ITEM, 5)),
    ("e) Patrouilles", (Level.ITEM, 5)),
    ("е) патрули", (Level.ITEM, 6)),
    ("(а) патрули", (Level.ITEM, 1)),
    ("(ه) دوريات", (Level.ITEM, 5)),
    ("（二） 巡逻", (Level.ITEM, 2)),
    ("㈡ 巡逻", (Level.ITEM, 2)),
    ("(aa) Further", (Level.ITEM, 27)),
    ("(iii) Harbour", (Level.SUBITEM, 3)),
    ("iv) Puerto", (Level.SUBITEM, 4)),
    ("‘٣’ الميناء", (Level.SUBITEM, 3)),
]


@pytest.mark.parametrize(("text", "wanted"), BEGINS)
def test_a_line_that_begins_with_a_number_may_count_it(text: str, wanted: tuple[Level, int]) -> None:
    assert wanted in [(one.level, one.ordinal) for one in readings(text)]


@pytest.mark.parametrize(
    "text",
    ["2017. In that year", "1.5 million persons", "16", "16 visits", "(2001) concerning", "(see paragraph 4)", "Mr. Smith", "e.g. this",
     "I went", "A report", "12/3. Other", "", "resolution 1373 (2001)", "12, 13. And"],
)  # fmt: skip
def test_a_line_of_running_text_counts_nothing(text: str) -> None:
    assert readings(text) == ()


def test_one_letter_may_be_a_letter_or_a_number_of_romans() -> None:
    assert [(one.level, one.ordinal) for one in readings("(i) Where possible")] == [(Level.ITEM, 9), (Level.SUBITEM, 1)]
    assert [(one.level, one.ordinal) for one in readings("V. Findings")] == [(Level.SECTION, 5), (Level.PART, 22)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("Annex II", ("Annex", 2)), ("Annexe", ("Annex", 0)), ("Anexo III", ("Annex", 3)), ("Приложение I", ("Annex", 1)),
     ("المرفق الثاني", ("Annex", 2)), ("附件二", ("Annex", 2)), ("附件", ("Annex", 0)), ("Appendix B", ("Appendix", 2)),
     ("Apéndice", ("Appendix", 0)), ("Pièce jointe 3", ("Enclosure", 3))],
)  # fmt: skip
def test_an_annex_has_one_name_in_all_languages(text: str, wanted: tuple[str, int]) -> None:
    found = annex(text)
    assert found is not None
    assert (found.word, found.ordinal) == wanted


@pytest.mark.parametrize("text", ["Table 3", "Tableau 3. Visites", "Cuadro 3", "Таблица 3", "表3", "الجدول ٣"])
def test_a_table_has_its_number_in_all_languages(text: str) -> None:
    found = table(text)
    assert found is not None
    assert found.ordinal == 3


@pytest.mark.parametrize("text", ["Annexation of", "Tables were set", "Tabled by", "The annex"])
def test_a_word_that_begins_like_one_is_none(text: str) -> None:
    assert annex(text) is None
    assert table(text) is None


@given(st.integers(1, 39))
def test_roman_numbers_and_letters_are_read_as_they_are_written(number: int) -> None:
    assert roman(as_roman(number).lower()) == number
    assert letter(as_letter(number)) == number


@given(st.text(max_size=20))
def test_any_line_is_read_without_an_error(text: str) -> None:
    for one in readings(text):
        assert one.ordinal > 0
    annex(text)
    table(text)


def test_chinese_numbers_go_to_ninety_nine() -> None:
    assert [han(sign) for sign in ("一", "十", "十九", "二十", "九十九", "百", "", "一二", "十十")] == [1, 10, 19, 20, 99, 0, 0, 0, 0]
