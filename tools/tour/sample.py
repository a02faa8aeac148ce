"""Sample reports: small real PDFs about invented States, with uncompressed streams, so that a search for leaks can find them."""

from collections.abc import Sequence

A4 = (595, 842)  # points
HEAD = "SAMPLE - invented State - no real assessment"


def report_pdf(title: str, pages: Sequence[Sequence[str]], *, ballast: int = 0, paper: tuple[int, int] = A4) -> bytes:
    """A PDF 1.4 with one page for each list of lines, ASCII text only, and `ballast` bytes that no page shows: files are large.

    `paper`: width and height in points.
    """
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >>"]
    kids = []
    for number, lines in enumerate(pages, 1):
        content = _content(title, f"{number} / {len(pages)}", lines, paper[1])
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R /Resources << /Font << /F 3 0 R >> >> >>"
            % (*paper, len(objects))
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    if ballast:
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (ballast, b"0" * ballast))
    objects.append(b"<< /Title (%s) >>" % _escaped(title))
    return _assemble(objects, info=len(objects))


def _content(title: str, foot: str, lines: Sequence[str], height: int) -> bytes:
    """Head and foot keep their share of the page, whatever its height; rows are as far apart on any."""
    head, under, first, last = (round(share * height) for share in (0.95, 0.9025, 0.8575, 0.0475))
    parts = [b"BT /F 9 Tf 60 %d Td (%s) Tj ET" % (head, _escaped(HEAD)), b"BT /F 15 Tf 60 %d Td (%s) Tj ET" % (under, _escaped(title))]
    for row, line in enumerate(lines):
        parts.append(b"BT /F 11.5 Tf 60 %d Td (%s) Tj ET" % (first - 18 * row, _escaped(line)))
    parts.append(b"BT /F 9 Tf 280 %d Td (%s) Tj ET" % (last, _escaped(foot)))
    return b"\n".join(parts)


def _escaped(text: str) -> bytes:
    return text.encode("ascii").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _assemble(objects: Sequence[bytes], *, info: int) -> bytes:
    out, offsets = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, info, start)
    return bytes(out)


SAMORIA_TITLE = "Report of the visit to the Republic of Samoria"
SAMORIA_PAGES = [
    [
        "1. A delegation of the Directorate visited Samoria from 5 to 9 October 2026.",
        "2. It met the ministries of justice and interior, the financial intelligence",
        "   unit, the border police and seven organisations of civil society.",
        "3. The delegation thanks the authorities for their openness.",
    ],
    [
        "4. The national strategy was adopted in March and names one lead ministry.",
        "5. Border posts exchange passenger lists by hand; a system is being bought.",
        "6. The delegation recommends training for the staff of the northern posts.",
    ],
    [
        "7. The radar station at Kestrel Point is out of service until spring.",
        "8. Two informants, code names HERON and TEAL, were named to the delegation.",
        "9. Samoria asked the delegation to treat paragraphs 7 and 8 with care.",
    ],
    [
        "10. Recommendation one: finish the legal framework by the end of 2027.",
        "11. Recommendation two: connect the border posts to the central register.",
        "12. Recommendation three: publish figures of the financial intelligence unit.",
    ],
]
SAMORIA = report_pdf(SAMORIA_TITLE, SAMORIA_PAGES)
VELLAND_TITLE = "Assessment of the prosecution service of Velland"
VELLAND_PAGES = [
    [
        "1. Velland asked that the whole of this assessment stay with the Directorate.",
        "2. The archive in Marrowgate holds nineteen sealed files.",
    ],
    ["3. The prosecutor general answers to the cabinet.", "4. The delegation met her twice."],
]
VELLAND = report_pdf(VELLAND_TITLE, VELLAND_PAGES, ballast=3_000_000)
