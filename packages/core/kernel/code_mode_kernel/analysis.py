"""What source says of itself, found by parsing it. Nothing of it runs."""

import importlib

#: kind -> the module and function that analyse source of that kind, loaded when first needed: a kernel starts sooner.
#: The function raises ValueError or SyntaxError with a sentence to show.
ANALYSES = {"workflow": ("workflow_analysis", "analyse_workflow"), "code": ("code_facts", "analyse_code")}


def analyse(kind: str, source: str) -> dict:
    """The fields of an `analysis` message: `result`, or `error`."""
    try:
        module, function = ANALYSES[kind]
        return {"result": getattr(importlib.import_module(f"{__package__}.{module}"), function)(source)}
    except SyntaxError as error:
        return {"error": f"line {error.lineno}: {error.msg}" if error.lineno else error.msg}
    except RecursionError:
        return {"error": "The source is nested too deeply to parse."}
    except (ValueError, KeyError, MemoryError) as error:
        return {"error": str(error)}
