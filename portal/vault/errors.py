"""How a sealed object can fail to open."""

from portal.kernel.errors import Hidden, PortalError, Tampered


class Broken(Tampered):
    """A sealed object, or its key, is not what was sealed: cut, changed, swapped, or under another key."""

    code = "broken"


class LabelMismatch(Tampered):
    """A key wrap was made for another label: the level, caveats, terms or identity of the object changed since. Always an alarm."""

    code = "label_mismatch"


class Withdrawn(PortalError):
    """The object was closed to this body after the wrap was made. Looks like absence."""

    status = Hidden.status
    code = Hidden.code
    public = Hidden.public
