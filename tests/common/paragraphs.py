"""An invented report of two pages with paragraphs, a list that goes over the page, and words that stand twice."""

from tools.tour.sample import report_pdf

TITLE = "Report of the visit to the Republic of Samoria"
#: Stands in 2(a), and again in 5.
TWICE = "the radar station at Kestrel Point is out of service until the spring of next year"

_PAGES = (
    (
        "1. A delegation of the Directorate visited Samoria from 5 to 9 October 2026.",
        "2. Two officers told the delegation in confidence of the following gaps:",
        f"(a) {TWICE}.",
        "(b) the second station at Heron Bay was never joined to the centre.",
    ),
    (
        "(c) the officers of the northern posts have no way to report at night.",
        "3. The delegation thanks the authorities for their openness.",
        "4. The national strategy was adopted in March and names one lead ministry.",
        f"5. The annex to the strategy says that {TWICE}.",
        "6. The delegation recommends training for the staff of the national centre.",
    ),
)
REPORT = report_pdf(TITLE, [[line for said in page for line in (said, "")] for page in _PAGES])  # with a gap after each
