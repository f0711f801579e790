"""The state machine as Step Functions runs it: the deployed definition, a state at a time, in the time of
the simulated world. Retries wait without jitter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chalicelib.model.clock import iso_time

DEFINITION = Path(__file__).parents[2] / "statemachine" / "enrichment.asl.json"
STATES: dict[str, Any] = json.loads(DEFINITION.read_text("utf-8"))["States"]
START: str = json.loads(DEFINITION.read_text("utf-8"))["StartAt"]

#: Runs a task: its resource and its input go in, its output comes out, or TaskFailedError.
Run = Callable[[str, dict[str, Any]], dict[str, Any]]


class TaskFailedError(Exception):
    """A task failed with this error, in the words of Step Functions."""


@dataclass
class Execution:
    """One run of the state machine. ``wakes_at``: when its next state is due. ``ended``: how."""

    name: str
    input: dict[str, Any]
    wakes_at: float
    data: dict[str, Any] = field(default_factory=dict)
    state: str = START
    tries: dict[int, int] = field(default_factory=dict)
    ended: str = ""
    waited: bool = False

    def __post_init__(self) -> None:
        self.data = dict(self.input)

    def step(self, now: float, run: Run) -> None:
        """Do what the state says."""
        state = STATES[self.state]
        kind = state["Type"]
        if kind == "Task":
            self._task(state, now, run)
        elif kind == "Choice":
            taken = (c["Next"] for c in state["Choices"] if self._holds(c))
            self._go(next(taken, state["Default"]))
        elif kind == "Wait" and not self.waited:
            self.waited, self.wakes_at = True, now + self._value(state["SecondsPath"])
        elif kind == "Wait":
            self._go(state["Next"])
        else:
            self.ended = kind

    def _task(self, state: dict[str, Any], now: float, run: Run) -> None:
        asked = self._filled(state["Parameters"], now) if "Parameters" in state else self.data
        try:
            output = run(state["Resource"], asked)
        except TaskFailedError as error:
            self._failed(state, str(error), now)
            return
        path = state.get("ResultPath", "$")
        if path is not None:
            name = path.removeprefix("$").removeprefix(".")
            self.data = {**self.data, name: output} if name else output
        self._go(state["Next"])

    def _failed(self, state: dict[str, Any], error: str, now: float) -> None:
        for number, retry in enumerate(state.get("Retry", [])):
            if error in retry["ErrorEquals"] or "States.ALL" in retry["ErrorEquals"]:
                made = self.tries.get(number, 0)
                if made < retry.get("MaxAttempts", 3):
                    self.tries[number] = made + 1
                    wait = retry["IntervalSeconds"] * retry["BackoffRate"] ** made
                    self.wakes_at = now + min(wait, retry.get("MaxDelaySeconds", wait))
                    return
                break
        for catch in state.get("Catch", []):
            if error in catch["ErrorEquals"] or "States.ALL" in catch["ErrorEquals"]:
                if catch.get("ResultPath"):
                    self.data = {**self.data, "error": {"Error": error}}
                self._go(catch["Next"])
                return
        self.ended = "Fail"

    def _go(self, state: str) -> None:
        self.state, self.tries, self.waited = state, {}, False

    def _holds(self, choice: dict[str, Any]) -> bool:
        if "And" in choice:
            return all(map(self._holds, choice["And"]))
        if "IsPresent" in choice:
            return self._has(choice["Variable"]) is choice["IsPresent"]
        return bool(self._value(choice["Variable"]) is choice["BooleanEquals"])

    def _has(self, path: str) -> bool:
        try:
            self._value(path)
        except KeyError:
            return False
        return True

    def _value(self, path: str) -> Any:
        context = path.startswith("$$.Execution.Input.")
        value: Any = self.input if context else self.data
        for name in path.removeprefix("$$.Execution.Input.").removeprefix("$.").split("."):
            value = value[name]
        return value

    def _filled(self, template: Any, now: float) -> Any:
        """Parameters with their paths and formats put in."""
        if not isinstance(template, dict):
            return template
        return {
            name.removesuffix(".$"): self._evaluated(value, now)
            if name.endswith(".$")
            else self._filled(value, now)
            for name, value in template.items()
        }

    def _evaluated(self, expression: str, now: float) -> Any:
        if call := re.fullmatch(r"States\.Format\('(.*?)', (.*)\)", expression):
            values = [self._evaluated(part, now) for part in call[2].split(", ")]
            return call[1].format(*values)
        if expression == "$$.State.EnteredTime":
            return iso_time(now)
        return self._value(expression)
