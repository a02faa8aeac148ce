"""Documents and their versions: the originator's register."""
