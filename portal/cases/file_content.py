"""How a sealed file is handed to the sandbox: in one go, or, if it is large, piece by piece as the reader of it asks."""

from portal.confidentiality.render.remote import Content, OnDemand
from portal.vault.objects import FileKey, SealedObject, Vault

#: Up to so many bytes the sandbox's memory takes easily.
AT_ONCE = 64 * 1024 * 1024


def file_content(vault: Vault, sealed: SealedObject, key: FileKey) -> Content:
    if sealed.size <= AT_ONCE:
        return vault.stream(sealed, key)
    opening = vault.reader(sealed, key)
    return OnDemand(opening.size, opening.read)
