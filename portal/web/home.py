"""Home: what waits for this person, and what came lately."""

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.facts import BodyTarget
from portal.cases.show_home import show_home
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.rows import received_rows, shortcuts, waiting_groups

bp = GuardedBlueprint("home", __name__)


@bp.get("/", guard=Guard(action=Action.HOME_READ, event=Event.HOME_READ, locate=facts.own_body))
def home(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    view = show_home(uow, permit, body)
    lately = None if view.received is None else {"label": "Received lately", "rows": received_rows(view.received[:6])}
    return render_template("home.html", nav="home", groups=waiting_groups(view), lately=lately, empty=view.empty, shortcuts=shortcuts(view))
