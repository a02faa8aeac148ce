"""Doors of the browser: every route names its guard, or it does not exist."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar

from flask import Blueprint, Flask, Response, current_app, g, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, NotFound, RequestEntityTooLarge

from portal.gateway.line import severing
from portal.gateway.passage import Errand, Guard, Passage
from portal.gateway.safety import SAFE, refuse_foreign, refuse_forged
from portal.kernel.errors import Hidden, Incomplete, PortalError, TooLarge

P = ParamSpec("P")
T = TypeVar("T")
#: What doors may answer. All but GET, HEAD and POST are for uploads in pieces; which doors these are is a literal in a test.
METHODS = SAFE | {"POST", "PATCH", "DELETE"}


class GuardedBlueprint(Blueprint):
    """A blueprint whose routes demand `guard=`. A view receives `(uow, permit, target)`, and what was carried if the guard carries."""

    def add_url_rule(  # type: ignore[override]
        self, rule: str, endpoint: str | None = None, view_func: Callable[..., Any] | None = None, *, guard: Guard, **options: Any
    ) -> None:
        assert view_func is not None

        act = spoken(view_func)
        speaks = _speaks(guard)

        @functools.wraps(view_func)
        def guarded(**where: Any) -> ResponseReturnValue:
            passage = passage_of(current_app)
            errand = Errand(guard=speaks, subject=g.subject, where=where, address=request.remote_addr or "")
            try:
                refuse_foreign(near=guard.near)
                if request.method not in SAFE and errand.subject is not None:
                    with speaking():
                        refuse_forged()
            except PortalError as error:
                passage.refuse(errand, error)
                raise
            if guard.carry is not None:
                answer: ResponseReturnValue = passage.stream(errand, act)
            elif guard.looks or request.method in SAFE:
                answer = passage.read(errand, act)
            else:
                answer = passage.write(errand, act)
            return answer if guard.ends is None else _flowing(passage, errand, make_response(answer))

        door: Any = guarded
        door.guard, door.speaks, door.act = guard, speaks, act
        super().add_url_rule(rule, endpoint or view_func.__name__, guarded, **options)


def _flowing(passage: Passage, errand: Errand, response: Response) -> Response:
    """The answer, decided anew while it leaves. One without a body (RFC 9110, sections 9.3.2 and 15.4.5) is over before it leaves."""
    flow = passage.flow(errand, iter(response.iter_encoded()), severing(request.environ))
    if request.method == "HEAD" or response.status_code == 304:
        response.response = list(flow)
    else:
        response.response = flow
    return response


@contextmanager
def speaking() -> Iterator[None]:
    """Turn what the framework raises into errors of ours, so that one refusal is one event, under the door it happened at."""
    try:
        yield
    except NotFound as error:
        raise Hidden("not found") from error
    except RequestEntityTooLarge as error:
        raise TooLarge({"form": "The form is larger than the portal takes. Shorten it."}) from error
    except BadRequest as error:
        raise Incomplete({"form": "The request did not arrive whole. Send it again."}) from error


def spoken(call: Callable[P, T]) -> Callable[P, T]:
    """The same call, `speaking`."""

    @functools.wraps(call)
    def speaks(*given: P.args, **named: P.kwargs) -> T:
        with speaking():
            return call(*given, **named)

    return speaks


def _speaks(guard: Guard) -> Guard:
    """The guard as its door uses it: forms are also read while it locates and gathers, and a failure there is one of ours too."""
    locate, carry = spoken(guard.locate), guard.carry
    if carry is None:
        return replace(guard, locate=locate)

    @contextmanager
    def work(*given: Any) -> Iterator[Any]:
        with speaking(), carry.work(*given) as carried:
            yield carried

    return replace(guard, locate=locate, carry=replace(carry, gather=spoken(carry.gather), work=work))


def show_again(endpoint: str, where: dict[str, Any]) -> ResponseReturnValue:
    """Show a page anew after a refused form. The refusal is recorded already; that the page was seen again is one more event."""
    door: Any = current_app.view_functions[endpoint]
    errand = Errand(guard=door.speaks, subject=g.subject, where=where, address=request.remote_addr or "")
    answer: ResponseReturnValue = passage_of(current_app).read(errand, door.act)
    return answer


def passage_of(app: Flask) -> Passage:
    passage = app.extensions["passage"]
    assert isinstance(passage, Passage)
    return passage


def seal(app: Flask) -> None:
    """Refuse to start with an endpoint that has no guard, or a method nobody decided about."""
    naked = sorted(endpoint for endpoint, view in app.view_functions.items() if not hasattr(view, "guard"))
    if naked:
        raise RuntimeError(f"routes without a guard: {', '.join(naked)}")
    for rule in app.url_map.iter_rules():
        odd = (rule.methods or set()) - METHODS
        if odd:
            raise RuntimeError(f"route {rule.rule} answers {', '.join(sorted(odd))}; doors answer {', '.join(sorted(METHODS))}")
