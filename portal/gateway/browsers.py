"""Which browser this is, in words of ours: a few families and systems. What a browser says of itself is repeated nowhere."""

#: The first whose mark is in the text; most browsers also name the ones they descend from.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def family(user_agent: str) -> str:
    """ "Firefox on Windows"; "Another browser" for one we do not know."""
    browser = _first(user_agent, BROWSERS) or "Another browser"
    system = _first(user_agent, SYSTEMS)
    return f"{browser} on {system}" if system else browser


def _first(text: str, marks: tuple[tuple[str, str], ...]) -> str:
    return next((word for mark, word in marks if mark in text), "")
