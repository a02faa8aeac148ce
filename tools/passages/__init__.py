"""Invented reports in six languages and many layouts, whose passages are known; and how many of them the finder finds."""
