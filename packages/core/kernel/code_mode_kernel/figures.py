"""Matplotlib without a screen: `plt.show()` displays the open figures, and so does the end of a run.

Works by a hook on the import of `matplotlib.pyplot`; no environment variable is set and nothing is imported early.
"""

from __future__ import annotations

import io
import sys
from typing import Any

from .post_import import after_import
from .reprs import short_repr


def install() -> None:
    """Hook matplotlib, loaded or not. May be called again."""
    after_import("matplotlib.pyplot", _prepare)


def flush_figures() -> None:
    """Display the open figures that were not displayed yet, and close them all. For the end of a run."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and hasattr(pyplot, "get_fignums"):
        _show_open(pyplot)


def png_of(figure: Any) -> bytes:
    """A figure as PNG. It counts as displayed: the end of the run does not show it again."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight")
    figure._code_mode_shown = True
    return buffer.getvalue()


def _prepare(pyplot: Any) -> None:
    """Give pyplot a backend that needs no screen, and a `show` that displays."""
    if getattr(pyplot.show, "_code_mode", False):
        return
    try:
        pyplot.switch_backend("agg")
    except Exception as error:  # noqa: BLE001 - figures then fail when they are drawn, with their own message
        print(f"matplotlib: {error}", file=sys.stderr)

    def show(*_args: object, **_kwargs: object) -> None:
        """Display all open figures and close them."""
        _show_open(pyplot)

    def show_figure(self: Any, *_args: object, **_kwargs: object) -> None:
        """Display this figure."""
        _show(self)

    show._code_mode = True  # type: ignore[attr-defined]
    pyplot.show = show
    sys.modules["matplotlib.figure"].Figure.show = show_figure


def _show_open(pyplot: Any) -> None:
    try:
        for number in pyplot.get_fignums():
            figure = pyplot.figure(number)
            if not getattr(figure, "_code_mode_shown", False):
                _show(figure)
    finally:
        pyplot.close("all")


def _show(figure: Any) -> None:
    from .displays import display

    try:
        display(figure)
    except Exception as error:  # noqa: BLE001 - a figure that cannot be drawn does not fail the run
        print(f"{short_repr(figure, 100)} could not be displayed: {error}", file=sys.stderr)
