"""Invented contexts of the pages on the way in and out: signing in, confirming, signed out, and what went wrong."""

from types import SimpleNamespace

from tests.web.samples_story import OFFICER, RELEASER, REVIEWER, Page

SIGNED_OUT = {"exit": SimpleNamespace(url="provider.html", reached=True), "back_url": "sign_in.html"}

ERROR = {
    "status": 404,
    "heading": "Nothing here",
    "message": "There is nothing here for you. Check the address, or go back to your list.",
    "faults": {},
    "offer_sign_in": False,
}
ERROR_FAULTS = {
    **ERROR,
    "status": 422,
    "heading": "Please look again",
    "message": "Some fields need another look. Nothing was saved.",
    "faults": {"recipient": "Choose one of the bodies in the list."},
}

CONFIRM = {"start_url": "home.html", "minutes": 10, "goes_on": "form", "why_not": ""}
CONFIRM_CANNOT = {
    **CONFIRM,
    "start_url": "",
    "why_not": "Your sign-in service cannot ask you for a second factor, so this step stays closed to you. Ask your security "
    "administrator to have that set up; whoever runs the portal needs to know the word step_up_acr.",
}
CONFIRMED = {
    "intent": SimpleNamespace(
        url="document.html", what="Approve release", fields=(("purpose", "Follow-up in the north"), ("use", "view_only"))
    )
}

SIGN_IN = {
    "ways": [
        {"label": "Sign in as staff of the Directorate", "url": "home.html"},
        {"label": "Sign in as staff of the Office", "url": "home-office.html"},
    ],
    "local_url": "",
    "notice": None,
}

PAGES: dict[str, Page] = {
    "sign_in": (None, "", SIGN_IN),
    "sign_in-refused": (None, "", {**SIGN_IN, "notice": ("bad", "This sign-in was not begun here, or too long ago. Begin again.")}),
    "sign_in-out": (None, "", {**SIGN_IN, "notice": ("info", "You are signed out.")}),
    "sign_in-both": (None, "", {**SIGN_IN, "local_url": "sign_in_local.html"}),
    "sign_in-alone": (None, "", {**SIGN_IN, "ways": [], "local_url": "sign_in_local.html"}),
    "confirm": (RELEASER, "", CONFIRM),
    "confirm-page": (REVIEWER, "", {**CONFIRM, "goes_on": "page"}),
    "confirm-cannot": (RELEASER, "", CONFIRM_CANNOT),
    "confirmed": (RELEASER, "", CONFIRMED),
    "signed_out": (None, "", SIGNED_OUT),
    "signed_out-down": (None, "", {**SIGNED_OUT, "exit": SimpleNamespace(url="", reached=False)}),
    "signed_out-stays": (None, "", {**SIGNED_OUT, "exit": SimpleNamespace(url="", reached=True)}),
    "error": (REVIEWER, "", ERROR),
    "error-faults": (OFFICER, "", ERROR_FAULTS),
    "error-stranger": (
        None,
        "",
        {**ERROR, "status": 401, "heading": "Sign in to continue", "message": "Sign in to continue.", "offer_sign_in": True},
    ),
}
