"""Failures raised on purpose. Each has three texts: `public` (what a visitor may read), `detail` (log only) and a stable `code`.

An error's name ends in a state (`Stale`, `Hidden`). A room that needs an error of its own derives it from one of these.
"""

from collections.abc import Mapping


class PortalError(Exception):
    """Root of every failure we raise on purpose."""

    status = 500
    code = "internal"
    #: Caused again and again by a stranger, it may be counted instead of recorded one by one.
    countable = True
    #: Header fields that HTTP demands of an answer with this status.
    headers: Mapping[str, str] = {}
    #: The page's heading; empty for the one of its status.
    heading = ""
    public = "Something went wrong. Nothing was changed. Try again; if it happens again, tell your security administrator."

    def __init__(self, detail: str = "", *, public: str | None = None) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        if public is not None:
            self.public = public


class Misconfigured(PortalError):
    """The portal must not start: a setting, key, policy or table is not as it must be. `detail` says which and what to do."""

    code = "misconfigured"


class Invalid(PortalError):
    """Input that cannot be taken. `faults` maps each field to a sentence that says what to do; every fault at once."""

    status = 422
    code = "invalid"
    public = "Some fields need another look. Nothing was saved."

    def __init__(self, faults: dict[str, str], detail: str = "", *, public: str | None = None) -> None:
        super().__init__(detail or "; ".join(sorted(faults)), public=public)
        self.faults = faults


class TooLarge(Invalid):
    """More bytes than the portal takes."""

    status = 413
    code = "too_large"


class Incomplete(Invalid):
    """A request that did not arrive whole. There is nothing to give back to whoever typed it."""


class Unauthenticated(PortalError):
    """Nobody is signed in, and the door is not an open one."""

    status = 401
    code = "unauthenticated"
    public = "Sign in to continue."


class Denied(PortalError):
    """The policy says no, and the person may know why. `reasons` are the sentences of the rules that decided."""

    status = 403
    code = "denied"
    public = "You may not do this."

    def __init__(self, detail: str = "", *, rules: tuple[str, ...] = (), reasons: tuple[str, ...] = ()) -> None:
        super().__init__(detail, public=" ".join(reasons) or None)
        self.rules = rules
        self.reasons = reasons


class StepUpNeeded(PortalError):
    """The policy says yes, once the person has confirmed with a fresh second factor that it is them. `rules` are those that ask for it."""

    status = 403
    code = "step_up"
    public = "Confirm that it is you. This step needs a second factor that was used a few minutes ago at most."
    #: What a page says before anybody takes the step.
    beforehand = "You will be asked to confirm that it is you."

    def __init__(self, detail: str = "", *, rules: tuple[str, ...] = ()) -> None:
        super().__init__(detail)
        self.rules = rules


class Hidden(Denied):
    """A refusal that must look exactly like absence: same status, body, headers."""

    status = 404
    code = "not_found"
    public = "There is nothing here for you. Check the address, or go back to your list."

    def __init__(self, detail: str = "", *, rules: tuple[str, ...] = ()) -> None:
        super().__init__(detail, rules=rules)


class Forged(PortalError):
    """A request that did not come from our own pages (missing or wrong token, other origin)."""

    status = 403
    code = "forged"
    public = "This request did not come from a page of the portal. Open the page again and repeat the step."


class Misdirected(Forged):
    """A request under a name that is not the portal's (RFC 9110, section 15.5.20)."""

    status = 421
    code = "misdirected"
    public = "The portal does not answer under this name. Open it under its own address."


class Stale(PortalError):
    """What was prepared rests on an older state: something was closed in between."""

    status = 409
    code = "stale"
    public = "Something about this document changed meanwhile. Open it again, look at what is new, and repeat the step."


class Tampered(PortalError):
    """A stored row or object is not what the portal wrote. Always an alarm."""

    status = 500
    code = "tampered"
    public = "This entry cannot be opened. Your security administrator has been told."


class Unavailable(PortalError):
    """The portal cannot serve content now (log, store or keys out of reach)."""

    status = 503
    code = "unavailable"
    public = "The portal cannot open documents at the moment. Nothing was lost. Try again in a few minutes."


class NearlyFull(Unavailable):
    """The disk is nearly full: what is left is for closing, and for the log."""

    code = "nearly_full"
    public = (
        "The portal's disk is nearly full. Until there is room again only what closes something can be done: requests of Member States, "
        "recalls, closing accounts. Nothing was lost. Tell your security administrator, and repeat the step later."
    )


class Unwitnessed(Unavailable):
    """Too few witnesses signed the log lately: what opens something waits, reading and closing go on (docs/witnesses.md)."""

    code = "unwitnessed"
    public = (
        "Nothing new can be opened at the moment: the portal's log has not been countersigned by its witnesses for too long. "
        "Reading, requests of Member States and recalls go on. Nothing was changed. "
        "Tell your security administrator, and repeat the step later."
    )
