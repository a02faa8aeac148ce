"""Renditions: a PDF rebuilt from pixels and visible words, so that nothing withheld can be in it. Pure: files in, files out.

Whatever parses a file that came from outside runs in a child process (`sandbox`). The parent only encodes pixels of a declared size.
"""
