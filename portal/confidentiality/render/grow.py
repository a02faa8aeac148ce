"""Child only: what boxes grow to before they are painted: whole lines, a whole column, and all the ink of the text that is taken.

First by where characters claim to stand. Then by ink, because a font may claim any place: the objects that draw the text that is taken are
taken away from the page, and whatever changes must lie in the box; and ink in the box that no known line explains has an owner, which is
found by trial. Where this does not come to rest, or little else is left, the page is withheld.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from portal.confidentiality.boxes import Box, outward
from portal.confidentiality.render.glyphs import address, forget_actual_text, read_glyphs, text_objects
from portal.confidentiality.render.lines import Edges, Mask, column, text_lines, touched
from portal.confidentiality.render.visibility import Planes, pixels_of, text_ink

_PAD = 2.0  # pixels around what is taken
_ROUNDS = 8
_TRIALS = 160  # drawings of a page in search of whose ink it is
_MOST = 0.85  # of the text and of the ink: what is left then is hardly a page
_MARK = 12  # pixels: what looks out of a box so far or farther is no mark of its lines
_PAPER = 231  # levels of 255: what is lighter is paper


def grow(page: Any, drawn: Planes, boxes: Sequence[Box]) -> tuple[Box, ...]:
    """What these boxes, all drawn on this page, become. Each lies within one of the result; one that is `whole` stands for the page.

    `drawn` is `draw(page)`. The same page and boxes give the same result.
    """
    number = boxes[0].page
    whole = (Box(number, 0.0, 0.0, 1.0, 1.0),)
    height, width = drawn.shape[1:]
    growth = _Growth(page, drawn)
    try:
        grown = growth.settle([np.array(box.edges) * (width, height, width, height) for box in boxes])
    except _Restless:
        return whole
    if growth.nearly_all(grown):
        return whole
    found = [outward(number, box / (width, height, width, height)) for box in grown]
    return tuple(sorted(_merged_boxes(found)))


class _Restless(Exception):
    """The growth does not come to rest."""


class _Growth:
    def __init__(self, page: Any, drawn: Planes) -> None:
        self._page, self._drawn = page, drawn
        self._shape = drawn.shape[1:]
        self._objects = text_objects(page)
        forget_actual_text(self._objects)
        self._glyphs = read_glyphs(page)
        self._lines = text_lines(self._glyphs, self._shape)
        self._all = text_ink(page, self._objects, drawn) if self._objects else np.zeros(self._shape, dtype=bool)
        self._marks = (drawn.min(axis=0) < _PAPER) & ~self._all
        self._trials = _TRIALS
        self._liars: set[int] = set()  # objects whose ink stands where their characters do not
        self._brushed: set[int] = set()  # objects of which a sliver may go

    def settle(self, boxes: list[Edges]) -> list[Edges]:
        """Grow, by claims and by ink, until nothing changes."""
        boxes = [box if self._lines.touched(box).any() else self._padded(box, self._lines.touched(box), _PAD) for box in boxes]
        for _ in range(_ROUNDS):
            boxes = self._by_lines(boxes)
            wider = [self._with_ink(box) for box in boxes]
            if all((a == b).all() for a, b in zip(boxes, wider, strict=True)) and not self._find_owners(boxes):
                return boxes
            boxes = wider
        raise _Restless

    def nearly_all(self, boxes: list[Edges]) -> bool:
        """Do the boxes take nearly all of the text, and of whatever else is on the page?"""
        under = _under(boxes, self._shape)
        ink = self._drawn.min(axis=0) < _PAPER
        there = self._lines.of >= 0
        if not there.any() or not ink.any():
            return False
        x0, y0, x1, y1 = pixels_of(self._glyphs, self._shape)[there].T
        return bool(under[(y0 + y1) // 2, (x0 + x1) // 2].mean() > _MOST and (ink & under).sum() > _MOST * ink.sum())

    def _by_lines(self, boxes: list[Edges]) -> list[Edges]:
        while True:
            merged = _merged([self._whole_lines(box) for box in boxes])
            if len(merged) == len(boxes) and all((a == b).all() for a, b in zip(boxes, merged, strict=True)):
                return merged
            boxes = merged

    def _whole_lines(self, box: Edges) -> Edges:
        """The box with every line it touches, the lines beside these in their column, and so on."""
        lines = self._lines
        while True:
            mine = lines.touched(box)
            if not mine.any():
                return box
            left, right = column(lines, mine, box, self._shape)
            wider = _around(box, [left, lines.tight[mine, 1].min(), right, lines.tight[mine, 3].max()])
            if (wider == box).all():
                return self._padded(box, mine)
            box = wider

    def _padded(self, box: Edges, mine: Mask, side: float = 0.0) -> Edges:
        """With the room of its lines and a little more, but not into the lines above and below."""
        lines = self._lines
        room = np.concatenate([lines.tight[mine], lines.loose[mine]]) if mine.any() else box[None, :]
        top, bottom = min(box[1], room[:, 1].min() - _PAD), max(box[3], room[:, 3].max() + _PAD)
        others = ~mine & ~lines.giant() & (lines.tight[:, 0] < box[2]) & (lines.tight[:, 2] > box[0])
        above = lines.tight[others & (lines.tight[:, 1] < box[1]), 3]
        below = lines.tight[others & (lines.tight[:, 3] > box[3]), 1]
        if mine.any():
            top, bottom = self._past_marks(box, top, bottom)
        top = max(top, min(box[1], above.max(initial=-np.inf)))
        bottom = min(bottom, max(box[3], below.min(initial=np.inf)))
        return self._clipped([box[0] - side, top, box[2] + side, bottom])

    def _past_marks(self, box: Edges, top: float, bottom: float) -> tuple[float, float]:
        """Past what is drawn behind or under a line and looks out of the box a little: a highlight would tell how wide a word was."""
        left, right, high, low = int(box[0]), int(np.ceil(box[2])), int(max(0, top)), int(np.ceil(bottom))
        above, below = self._marks[max(0, high - _MARK) : high + 1, left:right], self._marks[low - 1 : low + _MARK, left:right]
        up, down = _looks_out(above[::-1]), _looks_out(below)
        return high - up - 1 if up else top, low + down + 1 if down else bottom  # one more: edges are soft

    def _with_ink(self, box: Edges) -> Edges:
        """With all ink of the objects that draw what it takes."""
        owners = self._owners_in(self._lines.touched(box))
        ink = self._ink_of(owners)
        for liar in sorted(self._liars):
            own = self._ink_of({liar})
            if _meets(_place(own), box):
                ink = ink | own
        outside = ink & ~_under([box], self._shape)
        return self._clipped(_around(box, _place(outside) + _PAD * np.array([-1.0, -1.0, 1.0, 1.0]))) if outside.any() else box

    def _clipped(self, box: Any) -> Edges:
        height, width = self._shape
        return np.asarray(np.clip(box, 0, [width, height, width, height]))

    def _owners_in(self, lines: Mask) -> set[int]:
        """The objects that draw these lines."""
        return set(self._glyphs.owner[self._lines.characters(lines)].tolist())

    def _find_owners(self, boxes: list[Edges]) -> bool:
        """Look for whose ink lies in the boxes though it claims to stand elsewhere. True when a liar was found."""
        under = _under(boxes, self._shape)
        strange = self._all & under & ~self._explained(boxes)
        if not strange.any():
            return False
        known = self._liars | self._brushed
        found = self._owners([item for item in self._objects if address(item.raw) not in known], strange)
        liars: set[int] = set()
        for item in found:
            place = _place(self._ink_of({address(item.raw)}))
            taken = any(touched(box, place[None, :], self._lines.usual).any() for box in boxes)
            (liars if taken else self._brushed).add(address(item.raw))
        self._liars |= liars
        return bool(liars)

    def _explained(self, boxes: list[Edges]) -> Mask:
        """Where characters of the lines stand, and of objects that were looked at."""
        mine = np.any([self._lines.touched(box) for box in boxes], axis=0)
        those = self._lines.characters(mine | ~self._lines.giant())
        mask = np.zeros(self._shape, dtype=bool)
        for left, top, right, bottom in pixels_of(self._glyphs, self._shape)[those].tolist():
            mask[max(0, top - 2) : bottom + 2, max(0, left - 2) : right + 2] = True
        for known in (self._owners_in(mine), self._liars | self._brushed):
            if known:
                mask |= self._ink_of(known)
        return mask

    def _owners(self, objects: list[Any], strange: Mask) -> list[Any]:
        """The objects whose ink is in this place, by halving."""
        if not objects or not (self._ink(objects) & strange).any():
            return []
        if len(objects) == 1:
            return objects
        half = len(objects) // 2
        return self._owners(objects[:half], strange) + self._owners(objects[half:], strange)

    def _ink_of(self, owners: set[int]) -> Mask:
        return self._ink([item for item in self._objects if address(item.raw) in owners])

    def _ink(self, objects: list[Any]) -> Mask:
        if not objects:
            return np.zeros(self._shape, dtype=bool)
        self._trials -= 1
        if self._trials < 0:
            raise _Restless
        return text_ink(self._page, objects, self._drawn)


def _looks_out(marks: Mask) -> int:
    """How far ink reaches out from the first of these rows, which lies inside. What reaches on and on is a frame or a picture: 0."""
    reach = np.logical_and.accumulate(marks, axis=0)[1:].sum(axis=0)
    return int(reach[reach < _MARK].max(initial=0))


def _under(boxes: list[Edges], shape: tuple[int, ...]) -> Mask:
    """The pixels that the boxes touch."""
    mask = np.zeros(shape, dtype=bool)
    for left, top, right, bottom in boxes:
        mask[int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))] = True
    return mask


def _place(ink: Mask) -> Edges:
    """The box around the ink; without any, a box that meets nothing."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return np.array([-9.0, -9.0, -9.0, -9.0])
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], dtype=np.float64)


def _around(box: Edges, more: Any) -> Edges:
    return np.concatenate([np.minimum(box[:2], more[:2]), np.maximum(box[2:], more[2:])])


def _meets(one: Edges, other: Edges) -> bool:
    return bool((one[:2] < other[2:]).all() and (other[:2] < one[2:]).all())


def _merged(boxes: list[Edges]) -> list[Edges]:
    """Boxes that meet become one around both, until none meet."""
    done: list[Edges] = []
    for box in boxes:
        while (other := next((at for at, one in enumerate(done) if _meets(one, box)), None)) is not None:
            box = _around(box, done.pop(other))
        done.append(box)
    return done


def _merged_boxes(boxes: list[Box]) -> list[Box]:
    done: list[Box] = []
    for box in boxes:
        while (other := next((at for at, one in enumerate(done) if one.meets(box)), None)) is not None:
            box = box.with_(done.pop(other))
        done.append(box)
    return done
