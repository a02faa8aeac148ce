"""The six languages: how each numbers what it has, and words to invent sentences of."""

from dataclasses import dataclass

_HAN = "一二三四五六七八九十"
_LATIN = "abcdefghijklmnop"
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_FIFTHS = {"ar": ("أولا", "ثانيا", "ثالثا", "رابعا", "خامسا", "سادسا"), "parts": ("ألف", "باء", "جيم", "دال", "هاء", "واو")}
_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@dataclass(frozen=True)
class Language:
    """`words` are parted by spaces, except where `spaced` is False. `rtl`: written from right to left."""

    code: str
    words: tuple[str, ...]
    annex: str
    table: str
    end: str = "."
    spaced: bool = True
    rtl: bool = False

    def section(self, n: int) -> str:
        return {"ar": f"{_FIFTHS['ar'][n - 1]} -", "zh": f"{_HAN[n - 1]}、"}.get(self.code, f"{_ROMAN[n - 1]}.")

    def part(self, n: int) -> str:
        return {"ar": f"{_FIFTHS['parts'][n - 1]} -", "ru": f"{'АБВГДЕ'[n - 1]}."}.get(self.code, f"{_LATIN[n - 1].upper()}.")

    def paragraph(self, n: int) -> str:
        return f"{n} -".translate(_ARABIC_DIGITS) if self.code == "ar" else f"{n}."

    def item(self, n: int) -> str:
        signs = {"ar": "أبجدهوزحطيكلمن", "ru": "абвгдежзиклмноп"}.get(self.code, _LATIN)
        return f"{signs[n - 1]})" if self.code in ("fr", "es", "ru") else f"({signs[n - 1]})"

    def subitem(self, n: int) -> str:
        if self.code == "ar":
            return f"‘{n}’".translate(_ARABIC_DIGITS)
        if self.code == "zh":
            return f"（{_HAN[n - 1]}）"
        roman = _ROMAN[n - 1].lower()
        return f"{roman})" if self.code in ("fr", "es", "ru") else f"({roman})"

    def annex_of(self, n: int) -> str:
        if self.code == "ar":
            return f"{self.annex} {('الأول', 'الثاني', 'الثالث')[n - 1]}"
        return f"{self.annex}{_HAN[n - 1]}" if self.code == "zh" else f"{self.annex} {_ROMAN[n - 1]}"

    def table_of(self, n: int) -> str:
        if self.code == "ar":
            return f"{self.table} {n}".translate(_ARABIC_DIGITS)
        return f"{self.table}{n}" if self.code == "zh" else f"{self.table} {n}"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


LANGUAGES = {
    language.code: language
    for language in (
        Language(
            "en",
            _words(
                "the mission visited border posts and met officials of several ministries who described training "
                "equipment laws courts "
                "airports passenger data customs patrols northern harbour crossing registers exchange of information "
                "between agencies is "
                "slow while new units were formed in 2017 under resolution 1373 (2001) which requires States to prevent movement"
            ),
            "Annex",
            "Table",
        ),
        Language(
            "fr",
            _words(
                "la mission a visité les postes frontière et rencontré des responsables de plusieurs ministères qui "
                "ont décrit la formation "
                "le matériel les lois les tribunaux aéroports données des passagers douanes patrouilles port du nord "
                "registres échange entre "
                "services reste lent tandis que des unités nouvelles furent créées en 2017 selon la résolution 1373 "
                "(2001) qui exige des États"
            ),
            "Annexe",
            "Tableau",
        ),
        Language(
            "es",
            _words(
                "la misión visitó puestos fronterizos y se reunió con funcionarios de varios ministerios que "
                "describieron la capacitación el "
                "equipo leyes tribunales aeropuertos datos de pasajeros aduanas patrullas puerto del norte registros "
                "intercambio entre "
                "organismos es lento mientras nuevas unidades se formaron en 2017 según la resolución 1373 (2001) "
                "que exige a los Estados"
            ),
            "Anexo",
            "Cuadro",
        ),
        Language(
            "ru",
            _words(
                "миссия посетила пограничные посты и встретилась с сотрудниками ряда министерств которые описали "
                "обучение оборудование законы "
                "суды аэропорты данные пассажиров таможня патрули северный порт реестры обмен сведениями между "
                "службами идёт медленно однако "
                "новые группы созданы в 2017 году согласно резолюции 1373 (2001) которая требует от государств"
            ),
            "Приложение",
            "Таблица",
        ),
        Language(
            "ar",
            _words(
                "زارت البعثة مراكز الحدود واجتمعت مع مسؤولين من عدة وزارات وصفوا التدريب والمعدات والقوانين والمحاكم "
                "والمطارات وبيانات "
                "الركاب والجمارك ودوريات الميناء في الشمال وسجلات تبادل المعلومات بين الدوائر بطيء بينما أنشئت وحدات "
                "جديدة في ٢٠١٧ بموجب قرار"
            ),
            "المرفق",
            "الجدول",
            rtl=True,
        ),
        Language(
            "zh",
            tuple(
                "代表团访问了边境哨所并会见若干部委官员他们介绍培训设备法律法院机场旅客数据海关巡逻北部港口登记册各机构之间信息交流缓慢同时新单位成立"
            ),
            "附件",
            "表",
            end="。",
            spaced=False,
        ),
    )
}
