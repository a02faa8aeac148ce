"""The field's own words, as types. Values are what the database, the policies and the log store."""

from enum import IntEnum, StrEnum


class Level(IntEnum):
    """Sensitivity under ST/SGB/2007/6."""

    UNCLASSIFIED = 0
    CONFIDENTIAL = 1
    STRICTLY_CONFIDENTIAL = 2

    @property
    def words(self) -> str:
        return ("Unclassified", "Confidential", "Strictly Confidential")[self]


class Language(StrEnum):
    """The official languages of the United Nations, by their BCP 47 subtags."""

    ARABIC = "ar"
    CHINESE = "zh"
    ENGLISH = "en"
    FRENCH = "fr"
    RUSSIAN = "ru"
    SPANISH = "es"

    @property
    def words(self) -> str:
        return self.name.capitalize()


class Role(StrEnum):
    """What a person does for a body (domain: People)."""

    UPLOADER = "uploader"
    CONFIDENTIALITY_OFFICER = "confidentiality_officer"
    RELEASING_OFFICER = "releasing_officer"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    SECURITY_ADMINISTRATOR = "security_administrator"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ").capitalize()


#: Roles that see content, and roles that must never be held together with one of them.
CONTENT_ROLES = frozenset({Role.UPLOADER, Role.CONFIDENTIALITY_OFFICER, Role.RELEASING_OFFICER, Role.REVIEWER})
OVERSIGHT_ROLES = frozenset({Role.AUDITOR, Role.SECURITY_ADMINISTRATOR})


class DocumentKind(StrEnum):
    MISSION_REPORT = "mission_report"
    ASSESSMENT = "assessment"
    RECOMMENDATIONS = "recommendations"
    ANALYTICAL_PRODUCT = "analytical_product"
    SURVEY_TOOL = "survey_tool"
    ADVISORY_BOARD = "advisory_board"
    PROJECT_MATRIX = "project_matrix"
    STRATEGIC_ADVICE = "strategic_advice"
    FIELD_INFORMATION = "field_information"
    OTHER = "other"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ").capitalize()

    @property
    def jointly_drafted(self) -> bool:
        """Do both bodies write it together? Then a draft of it may be shared; of every other kind only what is final."""
        return self in {DocumentKind.SURVEY_TOOL, DocumentKind.PROJECT_MATRIX}


class Due(StrEnum):
    """The days of a document's life on which something is asked."""

    REVIEW = "review"
    DECLASSIFICATION = "declassification"
    RETENTION = "retention"


class Caveat(StrEnum):
    ORIGINATOR_CONTROL = "originator_control"


class ShareState(StrEnum):
    """A share as its recipient may know it. Suspended and recalled look the same to them."""

    LIVE = "live"
    SUSPENDED = "suspended"
