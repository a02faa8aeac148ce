"""The second factor of local accounts: one-time codes by time (RFC 6238), and recovery codes for who lost the device.

A code counts once: the time step that was used last is kept, and only a later one is taken (RFC 6238, section 5.2; ASVS 6.5.1). Clocks
may be one step apart.
"""

import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
import segno

STEP_SECONDS, WINDOW = 30, 1
RECOVERY_CODES = 10
#: Crockford's Base32: no i, l, o, u, which are read for others. 16 of them are 80 bits, so that their hash needs no salt and no slowness.
_SIGNS = "0123456789abcdefghjkmnpqrstvwxyz"
_READ_AS = str.maketrans({"i": "1", "l": "1", "o": "0", "-": None, " ": None})


def new_secret() -> str:
    """160 random bits, in Base32 as authenticator programs take it."""
    return pyotp.random_base32(32)


def used_step(secret: str, code: str, at: datetime, last: int) -> int | None:
    """The time step of which this is the code, if it is later than `last` and no more than one step away; else None."""
    now, totp = int(at.timestamp()) // STEP_SECONDS, pyotp.TOTP(secret)
    typed, found = code.replace(" ", "").encode(), None
    for step in range(now - WINDOW, now + WINDOW + 1):  # all of them, whichever fits
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed) and step > last:
            found = step
    return found


def address_of(secret: str, login: str, issuer: str) -> str:
    """What the QR code says: the address of the secret (otpauth)."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def picture_of(address: str) -> str:
    """The same as a QR code, an image in a `data:` address."""
    return segno.make(address, error="m", micro=False).png_data_uri(scale=6, border=4)


def new_code() -> str:
    """80 random bits to be typed by hand: four groups of four signs."""
    signs = "".join(secrets.choice(_SIGNS) for _ in range(16))
    return "-".join(signs[start : start + 4] for start in range(0, 16, 4))


def code_hash(code: str) -> str:
    """What is kept of such a code. However it was typed: capitals, hyphens and signs that look alike count the same."""
    return hashlib.sha256(b"portal/code/v1 " + code.lower().translate(_READ_AS).encode()).hexdigest()
