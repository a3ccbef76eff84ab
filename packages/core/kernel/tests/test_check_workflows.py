import ast
import unittest

from code_mode_kernel.check import Refusal, refuse
from code_mode_kernel.check_workflows import WorkflowCheck
from code_mode_kernel.references import References
from code_mode_kernel.scopes import Scopes

SAVED = {"add": ({"a", "b"}, {"a"}), "fetch": ({"city"}, {"city"})}


class Checking(unittest.TestCase):
    """The host knows `add(a, b=...)` and `fetch(city)`."""

    def setUp(self):
        self.asked: list[list[dict]] = []
        self.may_save = False
        self.check = WorkflowCheck(self.ask)

    def ask(self, uses: list[dict]) -> dict:
        self.asked.append(uses)
        return {"problems": [self.answer(**use) for use in uses], "maySave": self.may_save}

    def answer(self, name: str, given: list[str], complete: bool) -> dict | None:
        if name not in SAVED:
            return {"notFound": True, "message": f"Workflow not found: {name}."}
        known, required = SAVED[name]
        wrong = sorted(set(given) - known) + (sorted(required - set(given)) if complete else [])
        return {"notFound": False, "message": f"workflows.{name}(…): {wrong}"} if wrong else None

    def message(self, code: str) -> str | None:
        """What the check says of `code`, without `Nothing has run.`"""
        scopes = Scopes(ast.parse(code))
        references = References(scopes, frozenset(("tools", "workflows")), {})
        try:
            refuse(scopes, references, self.check.problems(scopes, references, code))
        except Refusal as refusal:
            return f"{refusal.name}: {refusal.message.removesuffix(' Nothing has run.')}"
        return None


class Refused(Checking):
    def test_unknown_workflows(self):
        for code in (
            "workflows.nope()",
            "workflows.invoke('nope')",
            "workflows.invoke(name='nope')",
            "workflows['nope'](a=1)",
            "workflows.nope.aio()",
            "f = workflows.nope",
            "w = workflows.nope\nprint(w)",
            "[workflows.nope(a=n) for n in range(3)]",
            "f'{workflows.nope()}'",
            "def f(): return lambda: workflows.nope()",
            "tools.a(); workflows.nope()",
            "workflows.add(a=1); workflows.nope()",
            "workflows.search('x'); workflows.list(); workflows.nope()",
        ):
            self.assertIn(
                (self.message(code) or "").split("\n")[0],
                [f"WorkflowNotFoundError: Line {line}: Workflow not found: nope." for line in (1, 2)],
                code,
            )

    def test_arguments(self):
        for code, wrong in (
            ("workflows.add()", "['a']"),
            ("workflows.add(a=1, c=2)", "['c']"),
            ("workflows.invoke('add', b=1)", "['a']"),
            ("workflows.add(**{'a': 1, 'd': 2})", "['d']"),
            ("workflows.add(c=1, **more)", "['c']"),
            ("await workflows.add.aio(c=1, a=2)", "['c']"),
        ):
            self.assertEqual(f"ToolArgumentError: Line 1: workflows.add(…): {wrong}.", self.message(code), code)

    def test_what_is_wrong_whatever_is_saved(self):
        for code, message in (
            (
                "workflows.nope('Oslo', 1)",
                "ToolArgumentError: Line 1: workflows.nope() takes keyword arguments only, got 'Oslo', 1. "
                "workflows.get('nope') says its parameters.",
            ),
            (
                "workflows.invoke()",
                'ToolArgumentError: Line 1: Write workflows.invoke("name", argument=...): the name first, '
                "then keyword arguments.",
            ),
            (
                "workflows.invoke('add', 1)",
                'ToolArgumentError: Line 1: Write workflows.invoke("name", argument=...): the name first, '
                "then keyword arguments.",
            ),
            (
                "workflows.create('x')",
                "TypeError: Line 1: workflows.create(): missing a required argument: 'source'. Its signature: "
                "workflows.create(name: str, source: str, description: str = '').",
            ),
            (
                "workflows.search(text='x')",
                "TypeError: Line 1: workflows.search(): missing a required argument: 'query'. Its signature: "
                "workflows.search(query: str, limit: int = 10).",
            ),
        ):
            self.assertEqual(message, self.message(code), code)
        self.assertEqual([], self.asked)


class NotRefused(Checking):
    def runs(self, *codes: str) -> None:
        for code in codes:
            self.assertIsNone(self.message(code), code)

    def test_what_is_right(self):
        self.runs(
            "workflows.add(a=1)",
            "workflows.add(**more)",
            "workflows.invoke('add', a=1, b=2)",
            "workflows.invoke(workflows.add, a=1)",
            "workflows.invoke(*names)",
            "workflows.add.__name__",
            "workflows.create(**more); workflows.get('nope'); workflows.history(name='x')",
        )

    def test_what_the_run_may_save_before(self):
        self.runs(
            "workflows.create('nope', source)\nworkflows.nope()",
            "def save(): workflows.create(name, source)\nworkflows.nope()",
            "workflows.rollback(name, 1)\nworkflows.add(c=1)",
            "helper(workflows)\nworkflows.nope()",
            "w = workflows\nworkflows.nope()",
            "getattr(workflows, 'create')('nope', source)\nworkflows.nope()",
            "getattr(workflows, name)()\nworkflows.nope()",
            "workflows.invoke(name)\nworkflows.nope()",
            "workflows[name]()\nworkflows.nope()",
        )

    def test_what_a_tool_is_told_to_save(self):
        self.runs(
            "tools.teach(name='nope')\nworkflows.nope()",
            "tools.teach('save it as nope')\nworkflows.invoke('nope')",
        )

    def test_what_a_workflow_may_save(self):
        self.may_save = True
        self.runs("workflows.add(a=1)\nworkflows.nope()")

    def test_what_an_earlier_run_has_left(self):
        self.runs("def save(name): workflows.create(name, source)")
        self.runs("save(name)\nworkflows.nope()")

    def test_a_workflow_that_saves_and_an_earlier_run_has_left(self):
        for code in ("def teach(): workflows.add(a=1)", "teach = workflows.add", "def teach(): workflows.invoke(name)"):
            self.setUp()
            self.may_save = True
            self.runs(code)
            self.may_save = False
            self.runs("teach()\nworkflows.nope()")

    def test_an_earlier_run_that_has_left_nothing(self):
        self.runs("workflows.create('x', source)", "workflows.list(); 'x' in workflows; print(workflows); getattr(workflows, 'add')")
        self.assertEqual("WorkflowNotFoundError: Line 1: Workflow not found: nope.", self.message("workflows.nope()"))

    def test_what_the_code_looks_out_for(self):
        self.runs(
            "try:\n    workflows.nope()\nexcept NameError_:\n    pass",
            "try:\n    workflows.nope()\nexcept AttributeError:\n    pass",
            "if 'nope' in workflows:\n    workflows.nope()",
            "if hasattr(workflows, 'nope'):\n    workflows.nope()",
            "names = [w['name'] for w in workflows.list()]\nif 'nope' in names:\n    workflows.nope()",
            "try:\n    workflows.add(c=1)\nexcept TypeError:\n    pass",
        )


if __name__ == "__main__":
    unittest.main()
