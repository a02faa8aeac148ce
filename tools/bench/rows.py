"""Every row there is, in the order of the table. A new one is a module with one function, and a line here."""

from tools.bench import events, guarding, listing, recalling, rendering, sealing, sharing, transfer, verifying
from tools.bench.figures import Row

ROWS = (
    Row("seal", sealing.sealing),
    Row("memory", sealing.memory),
    Row("transfer", transfer.transfer),
    Row("tus", transfer.resumable),
    Row("share", sharing.sharing),
    Row("recall", recalling.recalling),
    Row("render", rendering.rendering),
    Row("guard", guarding.guarding),
    Row("log", events.durable),
    Row("verify", verifying.verifying),
    Row("lists", listing.listing),
    Row("decide", listing.deciding),
)
