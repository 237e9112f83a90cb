"""A slow, independent answer to small assignment problems (constraint programming), and instances to ask about."""

from itertools import product

from hypothesis import strategies as st
from ortools.sat.python import cp_model

from judging.assignment.problem import Entry, Judge, make_problem

ROLES = ("technical", "investment", "finance")
TOPICS = ("新能源", "新材料", "生物医药")


class Oracle:
    """x[e, j, r]: judge j fills role r (or a free seat, r = "") on entry e. Built from the rules as written."""

    def __init__(self, problem, *, relaxed=False):
        self.problem = problem
        self.model = cp_model.CpModel()
        self.slack = []
        self.x = {}
        conflicts = {divmod(code, len(problem.judges)) for code in problem.barred}
        for (e, entry), (j, judge) in product(enumerate(problem.entries), enumerate(problem.judges)):
            if (e, j) in conflicts or (entry.employer and entry.employer == judge.employer):
                continue
            own = [role for role in problem.roles if role in judge.roles]
            for role in [*own, ""]:
                self.x[e, j, role] = self.model.new_bool_var("")
            self.model.add(sum(self.x[e, j, role] for role in [*own, ""]) <= 1)
        self._panels(relaxed)
        self._loads(relaxed)

    def _relax(self, relaxed, most):
        if not relaxed:
            return 0
        variable = self.model.new_int_var(0, most, "")
        self.slack.append(variable)
        return variable

    def _panels(self, relaxed):
        problem = self.problem
        for e, entry in enumerate(problem.entries):
            panel = [v for (row, _, _), v in self.x.items() if row == e]
            self.model.add(sum(panel) + self._relax(relaxed, problem.panel_size) == problem.seats(entry))
            for role in problem.required(entry):
                filled = [v for (row, _, r), v in self.x.items() if row == e and r == role]
                self.model.add(sum(filled) + self._relax(relaxed, 1) >= 1)

    def _loads(self, relaxed):
        problem, many = self.problem, len(self.problem.entries) * 9
        for j, judge in enumerate(problem.judges):
            load = sum(v for (_, column, _), v in self.x.items() if column == j)
            self.model.add(load + self._relax(relaxed, many) >= problem.least(judge))
            self.model.add(load - self._relax(relaxed and judge.capacity != 0, many) <= problem.most(judge))

    def most_matches(self):
        """The best objective, or None where no assignment exists."""
        entries, judges = self.problem.entries, self.problem.judges
        matched = [v for (e, j, _), v in self.x.items() if entries[e].topic in judges[j].topics]
        self.model.maximize(sum(matched))
        return self._value()

    def fewest_relaxations(self):
        self.model.minimize(sum(self.slack))
        return self._value()

    def _value(self):
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        status = solver.solve(self.model)
        if status == cp_model.INFEASIBLE:
            return None
        assert status == cp_model.OPTIMAL
        return round(solver.objective_value)


@st.composite
def problems(draw):
    """Small problems, about half of them without an answer."""
    entries = [
        Entry(f"E{n}", draw(st.sampled_from(TOPICS)), draw(st.sampled_from(["", "", "甲公司", "乙公司"])))
        for n in range(draw(st.integers(1, 6)))
    ]
    judges = [
        Judge(
            f"J{n}",
            tuple(draw(st.lists(st.sampled_from(ROLES), max_size=3, unique=True))),
            tuple(draw(st.lists(st.sampled_from(TOPICS), max_size=2, unique=True))),
            draw(st.sampled_from([None, None, None, 0, 2, 5])),
            draw(st.sampled_from(["", "", "甲公司", "乙公司"])),
        )
        for n in range(draw(st.integers(1, 6)))
    ]
    pairs = st.tuples(st.sampled_from(entries), st.sampled_from(judges))
    conflicts = [(entry.key, judge.key) for entry, judge in draw(st.lists(pairs, max_size=6))]
    panel_size = draw(st.integers(1, 4))
    roles = ROLES[: draw(st.integers(0, min(3, panel_size)))]
    least = draw(st.integers(0, 2))
    return make_problem(
        entries,
        judges,
        conflicts=conflicts,
        panel_size=panel_size,
        min_load=least,
        max_load=draw(st.integers(max(1, least), 6)),
        roles=roles,
        seed=draw(st.sampled_from(["甲", "乙"])),
    )
