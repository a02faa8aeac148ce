"""`make prove`: what the rules promise is proved, for every action, and not only tried. docs/policy.md, Proofs."""
