"""Verbs: what people do here. The only place where rooms meet."""
