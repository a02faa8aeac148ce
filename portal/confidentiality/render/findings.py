"""What a proof may find. A finding tells kind and page, and never a word: findings go to logs and screens."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Stable codes of findings."""

    BROKEN = "broken"  # the rendition or the pack cannot be read
    PAGES = "pages"  # another number of pages, or a page of another size
    WITHHELD_WORDS = "withheld_words"  # wording of a withheld page or passage stands in the text layer
    UNSEEN_WORDS = "unseen_words"  # words in the text layer that nobody can see on the page
    NOTICE_PIXELS = "notice_pixels"  # a withheld page's picture is not the notice
    LANGUAGE = "language"  # the file says another language than it was made in
    NOTICE_WORDS = "notice_words"  # a withheld page's words are not the notice's
    KEPT_PIXELS = "kept_pixels"  # a kept page's picture is not that page
    BOX_COVER = "box_cover"  # a box as drawn does not lie within the paint
    BOX_GROWTH = "box_growth"  # the paint is not what the boxes grow to
    BOX_PAINT = "box_paint"  # the picture shows something else than paint where it must be painted
    BOX_INK = "box_ink"  # text that is taken has ink beside the paint
    BOX_WORDS = "box_words"  # words other than the mark's stand in the paint
    PICTURE_WORDS = "picture_words"  # wording that was taken from the page can be read in its picture
    PACK_PICTURE = "pack_picture"  # the pack's picture is not the PDF's
    PACK_WORDS = "pack_words"  # the pack's words are not the PDF's
    METADATA = "metadata"  # information about the source, or data hidden in a picture
    ANNOTATION = "annotation"
    FORM = "form"
    ATTACHMENT = "attachment"
    OUTLINE = "outline"
    ACTION = "action"
    THUMBNAIL = "thumbnail"
    LAYER = "layer"
    ALTERNATIVE = "alternative"  # alternative or actual text
    HISTORY = "history"  # earlier revisions, loose objects, bytes between objects, another writer
    CONTENT = "content"  # a page draws something that is not its picture and its words
    FOREIGN = "foreign"  # any other object, key or value that is not ours


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """`page` counts from 1; 0 is the file as a whole."""

    page: int
    kind: Kind


@dataclass(frozen=True, slots=True, order=True)
class Repeat:
    """A kept page shows wording that a withheld page or passage has too: `sequences` of four words. The officer judges it."""

    page: int
    sequences: int
