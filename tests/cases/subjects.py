"""Persons as the portal reads them."""

from portal.cases.sign_in import find_session
from portal.kernel.permit import Subject
from tests.common.house import House


def subject_of(house: House, login: str) -> Subject:
    """The person as the gateway reads them from the cookie."""
    cookie = house.guest(login).client.get_cookie("__Host-portal", domain="localhost")
    assert cookie is not None
    with house.parts.read() as uow:
        opened = find_session(uow, cookie.value)
    assert opened is not None
    assert opened.subject is not None
    return opened.subject
