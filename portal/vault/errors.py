"""How the vault fails. Nothing here ever carries a key or a word of content."""

from datetime import datetime

from portal.kernel.errors import Denied, Hidden, Invalid, PortalError, Tampered


class Broken(Tampered):
    """Stored bytes are not what the vault wrote: cut, extended, changed, swapped, gone, or under another key."""

    code = "broken"


class LabelMismatch(Tampered):
    """A key or a word is bound to another label or place than the one it was asked for under."""

    code = "label_mismatch"


class Withdrawn(PortalError):
    """A wrap lies under the floor of its object: access was withdrawn after it was made. Looks exactly like absence."""

    status = Hidden.status
    code = Hidden.code
    public = Hidden.public


class Unapproved(Denied):
    """A grant without the approvals of two persons over the very same statement."""

    code = "unapproved"


class WrongSize(Invalid):
    """A source gave fewer or more bytes than announced."""

    code = "wrong_size"

    def __init__(self, announced: int, came: str) -> None:
        fault = "The file did not arrive as announced: its size was another. Nothing was kept. Send it again."
        super().__init__({"file": fault}, f"announced {announced} bytes, {came}")


class AlreadyThere(PortalError):
    """Something has this name already, and nothing is ever overwritten."""

    code = "already_there"


class Retained(PortalError):
    """The store keeps this object until then, whatever anybody asks. Nothing of it was hidden; ask again when the time is over."""

    code = "retained"

    def __init__(self, key: str, until: datetime) -> None:
        super().__init__(f"object {key} is under retention until {until:%Y-%m-%d %H:%M:%S} UTC")
        self.until = until
