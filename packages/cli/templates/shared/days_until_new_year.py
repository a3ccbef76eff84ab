from datetime import date


def run() -> int:
    """Days until New Year, by the clock of the host."""
    today = date.fromisoformat(tools.clock.today().strip())
    return (date(today.year + 1, 1, 1) - today).days
