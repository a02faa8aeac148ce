"""Background work: sequencing the log, sums of refusals, and clearing what nobody needs."""
