"""A sign-in service for demonstrations and tests: invented persons, one click each, this machine only.

A program of its own on Authlib's OpenID Connect server, so that the portal has no way in for demonstrations. It keeps nothing: no
cookie, no file, a fresh signing key each start. It never runs without `--demo`, binds 127.0.0.1 and answers to no other redirect host.
"""
