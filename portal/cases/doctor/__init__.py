"""`portal doctor`: looks at a whole installation without a person and without a permit, and changes nothing that lasts.

A check is a small function from the site to its findings; none relies on another having gone well. No finding holds a secret, a key, a
title or a word of content: paths, ids of rows, names of settings and counts are all that is said. docs/doctor.md lists every message.
"""
