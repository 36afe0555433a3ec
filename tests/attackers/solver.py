"""Which whole numbers remain possible, by OR-Tools' CP-SAT: exhaustive, so that "no other" is a proof.

Source: Perron and Didier, CP-SAT, Google OR-Tools 9.15, https://developers.google.com/optimization/cp/cp_solver.
"""

from dataclasses import dataclass, field
from random import Random

from ortools.sat.python import cp_model

from tests.attackers.rule import MOST, Ranges, without
from tests.attackers.system import Asked, Constraints, Linear

# Random tables are looked for so often, and for as long as each leaves fewer than this share of what was missing.
PUSHES = 40
STILL_WORTH = 0.97
# How often a count is pushed by itself that its own questions leave open.
ALONE = 6


class Contradiction(Exception):
    """No table at all fits what is published: it was made by another rule than the one assumed."""


@dataclass
class Answer:
    """The values found possible for a count. proven: there are no others; else there may be."""

    asked: Asked
    values: set[int] = field(default_factory=set)
    proven: bool = False

    @property
    def enough(self) -> bool:
        """Whether as many remain as the rule asks for."""
        return len(self.values) >= self.asked.required

    @property
    def narrowed(self) -> bool:
        """Whether it is certain that too few remain."""
        return self.proven and not self.enough


class _Heard(cp_model.CpSolverSolutionCallback):
    """Takes note of every table that the solver comes across."""

    def __init__(self, model: "_Model") -> None:
        super().__init__()
        self._model = model

    def on_solution_callback(self) -> None:
        """Called by the solver."""
        self._model.note([self.value(variable) for variable in self._model.variables])


class _Model:
    """The system as the solver has it, and what was found of the counts asked about."""

    def __init__(self, system: Constraints, effort: float) -> None:
        self.base = cp_model.CpModel()
        self.effort = effort
        self.place = {name: place for place, name in enumerate(system.unknowns)}
        self.variables = [self.base.new_int_var(0, MOST, "") for _ in self.place]
        self.last: list[int] = []
        self.random = Random(1)
        self.answers = [Answer(asked) for asked in system.asked]
        for linear, domain, _ in system.known:
            self.base.add_linear_expression_in_domain(self.expression(linear), _domain(domain))

    def expression(self, linear: Linear) -> cp_model.LinearExpr:
        variables = [self.variables[self.place[name]] for name, _ in linear.terms]
        return cp_model.LinearExpr.weighted_sum(variables, [factor for _, factor in linear.terms]) + linear.constant

    def note(self, table: list[int]) -> None:
        self.last = table
        for answer in self.answers:
            linear = answer.asked.linear
            answer.values.add(linear.constant + sum(factor * table[self.place[name]] for name, factor in linear.terms))

    def push(self, answers: list[Answer]) -> None:
        """Look for tables in which those counts that still have too few values are high or low, as it comes."""
        model = self.base.clone()
        pushed = [self.expression(answer.asked.linear) for answer in answers if not answer.enough]
        model.maximize(sum(self.random.choice((-1, 1)) * expression for expression in pushed))
        self._run(model, self.effort / 20)

    def has(self, linear: Linear, domain: Ranges) -> bool | None:
        """Whether there is a table with a sum in the ranges; None if that is not settled."""
        model = self.base.clone()
        model.add_linear_expression_in_domain(self.expression(linear), _domain(domain))
        status = self._run(model, self.effort)
        return {cp_model.INFEASIBLE: False, cp_model.OPTIMAL: True, cp_model.FEASIBLE: True}.get(status)

    def _run(self, model: cp_model.CpModel, effort: float) -> cp_model.CpSolverStatus:
        for variable, value in zip(self.variables, self.last, strict=False):
            model.add_hint(variable, value)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.max_deterministic_time = effort
        return solver.solve(model, _Heard(self))


def possible(system: Constraints, *, effort: float = 20.0) -> list[Answer]:
    """Of each count asked about the values that tables may have, until as many as required are found or none is left.

    effort: what one question may cost, in the solver's own time, which is the same on every machine. A question that
    stays open leaves its answer unproven. Raises Contradiction where no table fits.
    """
    model = _Model(system, effort)
    if model.has(Linear(()), ((0, 0),)) is False:
        raise Contradiction("no table fits what is published")
    missing = _missing(model)
    for _ in range(PUSHES):
        model.push(model.answers)
        before, missing = missing, _missing(model)
        if missing > before * STILL_WORTH:
            break
    for answer in model.answers:
        _settle(model, answer)
        # A question for one value can stay open where the highest and the lowest are found at once.
        for _ in range(ALONE if not answer.enough and not answer.proven else 0):
            model.push([answer])
    return model.answers


def _missing(model: _Model) -> int:
    return sum(max(0, answer.asked.required - len(answer.values)) for answer in model.answers)


def _settle(model: _Model, answer: Answer) -> None:
    """Ask for higher, then lower values of one count, then for those between, until it has enough or there are none."""
    if not answer.values:
        return
    for _ in range(answer.asked.required):
        lowest, highest = min(answer.values), max(answer.values)
        between = without(((lowest, highest),), answer.values)
        for wanted in (((highest + 1, MOST),), ((-MOST, lowest - 1),), between):
            if answer.enough:
                return
            told = model.has(answer.asked.linear, wanted) if wanted else False
            if told is None:
                return
            if told:
                break
        else:
            answer.proven = True
            return


def _domain(parts: Ranges) -> cp_model.Domain:
    return cp_model.Domain.from_intervals([list(part) for part in parts])
