"""Which requirements of a workflow are not installed here."""

from __future__ import annotations

import importlib.util
import re

from .imported_packages import modules_of


def missing_requirements(requirements: list[str], with_markers: bool) -> list[str]:
    """Those of `requirements` (PEP 508) that are absent, or here in a version that certainly does not fit.

    One with a marker counts only `with_markers`: whether it applies is for an installer to say.
    """
    return [item for item in requirements if (with_markers or ";" not in item) and not _is_installed(item)]


def _is_installed(requirement: str) -> bool:
    # Loads slowly, and few workflows have requirements.
    from importlib import metadata

    match = _REQUIREMENT.match(requirement)
    if match is None:
        return False
    try:
        version = metadata.version(match["name"])
    except metadata.PackageNotFoundError:
        return any(_can_import(module) for module in modules_of(match["name"]))
    return all(_may_fit(version, specifier.strip()) for specifier in match["versions"].strip(" ()").split(","))


def _can_import(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def _may_fit(version: str, specifier: str) -> bool:
    """False only when plain numbers say so; anything finer counts as fitting."""
    match = _SPECIFIER.fullmatch(specifier)
    found = _RELEASE.fullmatch(version)
    if match is None or found is None:
        return True
    wanted = [int(part) for part in match["release"].split(".")]
    have = [int(part) for part in version.split(".")]
    if match["star"] or match["operator"] == "~=":
        prefix = wanted if match["star"] else wanted[:-1]
        same = have[: len(prefix)] == prefix
        if match["operator"] == "!=":
            return not same
        return same and (match["operator"] != "~=" or have >= wanted)
    length = max(len(wanted), len(have))
    left, right = ([*numbers, *[0] * (length - len(numbers))] for numbers in (have, wanted))
    return {
        "==": left == right,
        "!=": left != right,
        ">=": left >= right,
        "<=": left <= right,
        ">": left > right,
        "<": left < right,
    }[match["operator"]]


_REQUIREMENT = re.compile(r"\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?P<versions>[^;@]*)")
_SPECIFIER = re.compile(r"(?P<operator>==|!=|>=|<=|>|<|~=)\s*(?P<release>\d+(?:\.\d+)*)(?P<star>\.\*)?")
_RELEASE = re.compile(r"\d+(?:\.\d+)*")
