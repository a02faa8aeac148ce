"""How an upload that goes on over several requests fails. What had arrived stays, unless the text says otherwise."""

from portal.kernel.errors import Invalid, PortalError


class Gone(PortalError):
    """The upload is over: deposited, discarded, or its time ran out."""

    status = 410
    code = "gone"
    public = "This upload is over. Load the document's page to see whether its file is there; if not, send the file from the beginning."


class Misplaced(PortalError):
    """The piece does not begin where the upload stands."""

    status = 409
    code = "offset"
    public = "This piece does not begin where the upload stands. Ask with HEAD how much arrived, and go on from there."


class Unfinished(PortalError):
    """A deposit was asked for before the last byte arrived."""

    status = 409
    code = "unfinished"
    public = "The file has not arrived in full yet. Send the rest, then ask for the deposit again."


class ChecksumMismatch(Invalid):
    """The piece is not the one its sender computed the checksum of (tus 1.0, checksum)."""

    status = 460
    code = "checksum"


class NoRoom(Invalid):
    """A quota would be exceeded."""

    status = 507
    code = "no_room"
