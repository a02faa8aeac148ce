"""The structure tree of a rendition: leaves under one document, items under lists, cells under rows under tables. Parent only.

No element carries a text: what a reader hears are the words of the page (PDF 32000-1:2008, 14.7.4).
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from pikepdf import Array, Dictionary, Name

from portal.confidentiality.render.structure import Leaf, Role

_IN_TABLE = (Role.CAPTION, Role.CELL)


class Elements:
    def __init__(self, pdf: Any) -> None:
        self._pdf = pdf
        self._owners: dict[tuple[int, int], Any] = {}

    def grown(self, leaves: Iterable[Leaf], lines: Sequence[int]) -> Any:
        """The tree's root, indirect. `lines`: how many each page has."""
        root = self._pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        root.K = document = self._element("Document", root)
        for kind, run in groupby(leaves, _group):
            if kind == "list":
                self._list(document, list(run))
            elif kind == "table":
                self._tables(document, run)
            else:
                for leaf in run:
                    self._add(document, self._text(leaf, document))
        numbers = Array()
        for page, count in enumerate(lines):
            numbers.append(page)
            numbers.append(self._pdf.make_indirect(Array([self._owners[page + 1, at] for at in range(count)])))
        root.ParentTree = self._pdf.make_indirect(Dictionary(Nums=numbers))
        root.ParentTreeNextKey = len(lines)
        return root

    def _list(self, above: Any, items: Sequence[Leaf]) -> None:
        whole = self._element("L", above)
        self._add(above, whole)
        for leaf in items:
            item = self._element("LI", whole)
            self._add(whole, item)
            self._add(item, self._text(leaf, item))

    def _tables(self, above: Any, leaves: Iterable[Leaf]) -> None:
        """A caption begins another table."""
        table = None
        for row, cells in groupby(leaves, lambda leaf: leaf.row):
            held = list(cells)
            if table is None or held[0].role is Role.CAPTION:
                table = self._element("Table", above)
                self._add(above, table)
            place = table if row == 0 else self._element("TR", table)
            if place is not table:
                self._add(table, place)
            for leaf in held:
                self._add(place, self._text(leaf, place))

    def _text(self, leaf: Leaf, above: Any) -> Any:
        element = self._element(leaf.role.value, above)
        pages = self._pdf.pages
        for page, at in leaf.lines:
            element.K.append(Dictionary(Type=Name.MCR, Pg=pages[page - 1].obj, MCID=at))
            self._owners[page, at] = element
        return element

    def _element(self, kind: str, above: Any) -> Any:
        return self._pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name("/" + kind), P=above, K=Array()))

    def _add(self, above: Any, element: Any) -> None:
        above.K.append(element)


def _group(leaf: Leaf) -> str:
    if leaf.role in _IN_TABLE:
        return "table"
    return "list" if leaf.role is Role.ITEM else ""
