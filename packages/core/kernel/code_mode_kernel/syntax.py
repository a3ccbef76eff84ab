"""Parses Python."""

import ast


def parse(text: str, filename: str) -> ast.Module:
    """`ast.parse`, and once more where Python stumbles over itself.

    Before 3.11.8 and 3.12.2 it raises SystemError ("AST constructor recursion depth mismatch") when another thread parses
    meanwhile, which an interrupt or the garbage collector may let happen (github.com/python/cpython, issue 106905).
    """
    try:
        return ast.parse(text, filename)
    except SystemError:
        return ast.parse(text, filename)
