"""Bytes only: objects sealed, stored and opened, and the keys for it. Knows bodies by their codes, ids and bytes; no people, no rules."""
