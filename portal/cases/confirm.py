"""Confirming that it is you: a second factor, used just now, by the person who is signed in.

Who confirms signs in anew at the service that let them in, and is let in again: roles are read anew, and the session is another one, with
`confirmed_at` sealed in it. How long that counts as fresh is `identity.step_up_minutes`; `UnitOfWork.is_confirmed` judges it.
"""

from collections.abc import Mapping

from portal.cases.sign_in import Claims, SignInRefused, admit, diagnosed, known_provider
from portal.cases.uow import Parts, UnitOfWork
from portal.identity.local import LOCAL as LOCAL
from portal.kernel.errors import PortalError, Unauthenticated
from portal.kernel.events import Event
from portal.kernel.permit import Subject


class CannotConfirm(PortalError):
    """The service that let this person in cannot ask for a second factor."""

    status = 403
    code = "step_up_impossible"
    public = (
        "Your sign-in service cannot ask you for a second factor, so this step stays closed to you. Ask your security administrator to "
        "have that set up; whoever runs the portal needs to know the word step_up_acr."
    )


class AnotherPerson(SignInRefused):
    """Somebody else came back from the provider than went there."""

    code = "confirm_other_person"
    heading = "Nothing was confirmed"
    public = (
        "The person who confirmed is not the one who is signed in here. You are still signed in, as before. Repeat the step, and choose "
        "your own account; to work as the other person, sign out first."
    )


def can_confirm(parts: Parts, provider: str) -> bool:
    """Can whoever signed in this way confirm there that it is them? Who has a local account shows a code (`cases.sign_in_local`)."""
    return provider == LOCAL or any(entry.name == provider and entry.step_up_acr for entry in parts.config.identity.provider)


def start_confirmation(parts: Parts, provider: str, about: str) -> tuple[str, str]:
    """Where to send the browser, and the flow to keep in its session until it comes back. Raises `CannotConfirm`.

    `about`: the name of what to go on with. It goes with the flow: two tabs may each confirm for something else.
    """
    if not can_confirm(parts, provider):
        raise CannotConfirm(f"provider {provider!r} has no step_up_acr")
    with diagnosed(provider):
        url, flow = known_provider(parts, provider).begin(confirms=True, about=about)
    return url, flow.to_json()


def confirm(uow: UnitOfWork, subject: Subject | None, provider: str, claims: Claims, carried: Mapping[str, object]) -> str:
    """Let the same person in again, with what they were about to do. Returns the new session's token.

    Raises `AnotherPerson`, and whatever `admit` refuses. `claims` are of an answer that the provider checked to be a confirmation.
    """
    if subject is None:
        raise Unauthenticated("the session that was to be confirmed ended")
    person = uow.people.get(subject.id)
    if person is None or (person.issuer, person.sub) != (claims.issuer, claims.subject):
        raise AnotherPerson("another person came back from the provider")
    token = admit(uow, subject.session, provider, claims, carried)
    uow.notes.event = Event.SESSION_CONFIRMED
    return token
