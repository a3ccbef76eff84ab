"""The facts of a program, as short as a test can say them."""

import unittest

from code_mode_kernel.code_facts import analyse_code

KINDS = ("fileWrites", "shell", "network", "dynamicCode")


class CodeFactsTest(unittest.TestCase):
    def facts(self, code: str) -> dict[str, list[str]]:
        """`{"shell": ["os.system:2"]}`: what is there, and the line; without the empty lists and the imports."""
        found = analyse_code(code)
        shown = {kind: [f"{fact['what']}:{fact['line']}" for fact in found[kind]] for kind in KINDS}
        return {**{kind: facts for kind, facts in shown.items() if facts}, **self.named(found)}

    @staticmethod
    def named(found: dict) -> dict[str, list[str]]:
        return {name: found[name] for name in ("tools", "workflows") if found[name]}

    def check(self, table: dict[str, dict]) -> None:
        for code, expected in table.items():
            with self.subTest(code=code):
                self.assertEqual(expected, self.facts(code))
