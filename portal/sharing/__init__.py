"""Proposals, decisions and shares: how a rendition reaches another body."""
