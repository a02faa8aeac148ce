"""Folders of rules as tests want them: the shipped ones with one text changed, and a certificate as if that were proved."""

import json
from pathlib import Path

from portal.policy.certificate import CERTIFICATE
from portal.policy.draft import Draft


def reworded(folder: Path, old: str, new: str) -> Path:
    """Another text in the one file that has this passage."""
    (file,) = (file for file in folder.glob("*.cedar") if old in file.read_text(encoding="utf-8"))
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return certified(folder)


def remark(folder: Path, text: str) -> Path:
    """One more remark: another hash, the same rules."""
    file = min(folder.glob("*.cedar"))
    file.write_text(f"{file.read_text(encoding='utf-8')}// {text}\n", encoding="utf-8")
    return certified(folder)


def certified(folder: Path) -> Path:
    """What `make prove` writes, for the text that is there now."""
    file = folder / CERTIFICATE
    said = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**said, "policy": Draft.read(folder).hash}), encoding="utf-8")
    return folder
