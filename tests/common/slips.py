"""The sample reports of the tour on slips of paper: what a page costs to draw, prove and compare grows with its area."""

from tools.tour.sample import SAMORIA_PAGES, SAMORIA_TITLE, VELLAND_PAGES, VELLAND_TITLE, report_pdf

SLIP = (480, 270)  # points
SAMORIA = report_pdf(SAMORIA_TITLE, SAMORIA_PAGES, paper=SLIP)
VELLAND = report_pdf(VELLAND_TITLE, VELLAND_PAGES, paper=SLIP, ballast=3_000_000)
