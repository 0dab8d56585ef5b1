"""Plays a plan step by step, and says how it went."""

import threading
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from cxadmin.lab.simulator.plan import Plan
from cxadmin.lab.simulator.provider import Missing, Person, Provider, Refused, group_name, person
from cxadmin.lab.simulator.sign_in import Authorization, SignInFailed
from cxadmin.lab.simulator.wire import Answer, Client, NoAnswer, Pace, Stopped

LOOKED_EVERY = 0.1
MOST_UNANSWERED = 5
MOST_REFUSALS = 50
COMPLETE, STOPPED, FAILED = "complete", "stopped", "failed"
AS_EXPECTED = "as expected"


class GaveUp(Exception):
    """The provider would not go on; the message says why."""


@dataclass
class Refusal:
    """One sentence the server said no with, and to whom it was said first."""

    status: int | None
    said: str
    who: str
    request_id: str
    times: int = 0

    def as_dict(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "said": self.said,
            "times": self.times,
            "first": {"who": self.who, "request_id": self.request_id},
        }


@dataclass
class Step:
    """How far a step is, and how it went.

    Attributes:
        total: how many people or groups it is about; 1 for a step about the whole connection.
        outcomes: what became of them, as `created`.
    """

    name: str
    total: int
    done: int = 0
    refused: int = 0
    requests: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    refusals: dict[tuple[int | None, str], Refusal] = field(default_factory=dict)
    times: "array[float]" = field(default_factory=lambda: array("d"))
    began: float = field(default_factory=time.monotonic)
    ended: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """The step of the report; times in milliseconds."""
        ordered = sorted(self.times)
        return {
            "step": self.name,
            "total": self.total,
            "done": self.done,
            "ok": self.done - self.refused,
            "refused": self.refused,
            "outcomes": dict(self.outcomes),
            "requests": self.requests,
            "seconds": round((self.ended or time.monotonic()) - self.began, 3),
            "milliseconds": {
                "median": _milliseconds(ordered, 0.5),
                "p95": _milliseconds(ordered, 0.95),
                "most": _milliseconds(ordered, 1.0),
            },
            "refusals": [one.as_dict() for one in self.refusals.values()],
        }


def _milliseconds(ordered: Sequence[float], part: float) -> float | None:
    return round(ordered[min(int(len(ordered) * part), len(ordered) - 1)] * 1000, 1) if ordered else None


class Play:
    """One run of a plan against one service.

    Args:
        watch: called a few times a second by the thread that runs, and at the end of every step.
    """

    def __init__(
        self, plan: Plan, base: str, authorization: Authorization, watch: Callable[["Play"], None] = lambda play: None
    ) -> None:
        self.plan = plan
        self.stopping = threading.Event()
        self.client = Client(base, {}, Pace(plan.rate, self.stopping), self._note)
        self.provider: Provider = plan.kind(self.client, authorization)
        self.watch = watch
        self.steps: list[Step] = []
        self.state, self.reason = "", ""
        self.first_request = self.last_request = ""
        self.people = {"expected": 0, "as_expected": 0}
        self._lock = threading.Lock()
        self._unanswered = 0
        self._expected: dict[int, tuple[bool | None, str]] = {}
        self._gave_up = ""
        self._began = time.monotonic()
        self._ended = 0.0

    @property
    def step(self) -> Step:
        """The one being played."""
        return self.steps[-1]

    @property
    def is_clean(self) -> bool:
        """Whether everything was played and nothing was refused."""
        return self.state == COMPLETE and not any(step.refused for step in self.steps)

    def stop(self) -> None:
        """End soon; `run` still answers its report."""
        self.stopping.set()

    def run(self) -> dict[str, Any]:
        """Play all steps and answer the report. Ctrl-C ends the run as `stop` does."""
        try:
            for name in self.plan.steps:
                self._play(name)
            self.state = COMPLETE
        except (Stopped, KeyboardInterrupt):
            self.state = STOPPED
        except (GaveUp, SignInFailed, NoAnswer) as error:
            self.state, self.reason = FAILED, str(error)
        finally:
            self.stopping.set()
            self._ended = time.monotonic()
            if self.steps and not self.step.ended:
                self.step.ended = self._ended
            self.client.close()
        self.watch(self)
        return self.report()

    def report(self) -> dict[str, Any]:
        """How it went so far."""
        plan = self.plan
        return {
            "provider": plan.provider,
            "style": plan.style,
            "scim_url": self.client.base,
            "credential": self.provider.authorization.kind,
            "people": plan.people,
            "seed": plan.seed,
            "state": self.state,
            "reason": self.reason,
            "seconds": round((self._ended or time.monotonic()) - self._began, 3),
            "requests": sum(step.requests for step in self.steps),
            "refused": sum(step.refused for step in self.steps),
            "first_request_id": self.first_request,
            "last_request_id": self.last_request,
            "employees": dict(self.people) if "check" in plan.steps else None,
            "steps": [step.as_dict() for step in self.steps],
        }

    def _play(self, name: str) -> None:
        plan = self.plan
        if name in ("connect", "import"):
            self._begin(name, 1)
            self._whole(name)
        elif name == "groups":
            self._begin(name, plan.groups)
            self._each(range(plan.groups), self._push)
        else:
            touched = plan.touched if name in ("update", "deactivate", "reactivate") else plan.people
            self._begin(name, touched)
            act = getattr(self, f"_{name}")
            numbers = range(1, touched + 1)
            self._each((person(plan.seed, number, plan.domain) for number in numbers), lambda who: self._one(who, act))
        self.step.ended = time.monotonic()
        self.watch(self)

    def _begin(self, name: str, total: int) -> None:
        self.steps.append(Step(name, total))
        self.watch(self)

    def _whole(self, name: str) -> None:
        """A step about the whole connection; a provider that is refused here goes no further."""
        try:
            outcome = {} if name == "connect" else self.provider.read_all()
            if name == "connect":
                self.provider.connect()
        except Refused as error:
            self._trouble(error.answer.status, error.answer.said, name, error.answer.request_id)
            raise GaveUp(f"{name} was refused ({error.answer.status}); the provider goes no further.") from error
        except SignInFailed as error:
            self._trouble(None, str(error), name, "")
            raise
        self.step.outcomes.update(outcome)
        self.step.done = 1

    def _each(self, items: Iterable[Any], act: Callable[[Any], None]) -> None:
        """Do it for all of them, on as many threads as the plan has connections."""
        waiting, taking = iter(items), threading.Lock()

        def work() -> None:
            try:
                while not self.stopping.is_set():
                    with taking:
                        taken = list(islice(waiting, 1))
                    if not taken:
                        return
                    act(taken[0])
            finally:
                self.client.close()

        threads = min(self.plan.connections, max(self.step.total, 1))
        with ThreadPoolExecutor(threads, thread_name_prefix="simulator") as pool:
            running = {pool.submit(work) for _ in range(threads)}
            try:
                left = running
                while left:
                    _done, left = wait(left, timeout=LOOKED_EVERY)
                    self.watch(self)
            except BaseException:
                self.stopping.set()
                raise
        if self._gave_up:
            # The other threads were told to stop, which is not why it ended.
            raise GaveUp(self._gave_up)
        for future in running:
            future.result()
        if self.stopping.is_set():
            raise Stopped

    def _one(self, who: Person, act: Callable[[Person], str]) -> None:
        """One person of a step."""
        try:
            outcome = act(who)
        except Refused as error:
            self._trouble(error.answer.status, error.answer.said, who.username, error.answer.request_id)
        except Missing as error:
            self._trouble(None, str(error), who.username, "")
        except NoAnswer as error:
            self._no_answer(error, who.username)
        else:
            self._done(outcome)

    def _done(self, outcome: str) -> None:
        with self._lock:
            self._unanswered = 0
            self.step.done += 1
            self.step.outcomes[outcome] += 1

    def _create(self, who: Person) -> str:
        outcome = self.provider.assign(who)
        self._expected[who.number] = (True, who.last_name)
        return outcome

    def _update(self, who: Person) -> str:
        outcome = self.provider.update(who)
        active = self._expected.get(who.number, (None, ""))[0]
        self._expected[who.number] = (active, who.next_last_name)
        return outcome

    def _deactivate(self, who: Person) -> str:
        return self._switch(who, active=False)

    def _reactivate(self, who: Person) -> str:
        return self._switch(who, active=True)

    def _switch(self, who: Person, *, active: bool) -> str:
        outcome = self.provider.switch(who, active=active)
        self._expected[who.number] = (active, self._expected.get(who.number, (None, ""))[1])
        return outcome

    def _check(self, who: Person) -> str:
        """The person is there as the steps before left them."""
        with self._lock:
            self.people["expected"] += 1
        found = self.provider.find(who)
        if found is None:
            raise Missing("Nobody of this user name is there.")
        name = found.get("name") if isinstance(found.get("name"), dict) else None
        active, last_name = self._expected.get(who.number, (None, ""))
        present = (name or {}).get("familyName")
        if active not in (None, found.get("active")) or last_name not in ("", present):
            raise Missing("The employee is not as the steps before left them.")
        with self._lock:
            self.people["as_expected"] += 1
        return AS_EXPECTED

    def _push(self, number: int) -> None:
        """One group; its members are every so-manieth person."""
        plan, name = self.plan, group_name(number)
        members = [
            person(plan.seed, one, plan.domain) for one in range(number + 1, plan.people + 1, max(plan.groups, 1))
        ]
        try:
            if "create" not in plan.steps:
                self._look_up(members)
            outcome = self.provider.push(name, members)
        except Refused as error:
            self._trouble(error.answer.status, error.answer.said, name, error.answer.request_id)
        except Missing as error:
            self._trouble(None, str(error), name, "")
        except NoAnswer as error:
            self._no_answer(error, name)
        else:
            self._done(outcome)

    def _look_up(self, members: Sequence[Person]) -> None:
        for who in members:
            with suppress(Missing):
                self.provider.id_of(who)

    def _trouble(self, status: int | None, said: str, who: str, request_id: str, *, unanswered: bool = False) -> None:
        with self._lock:
            self._unanswered = self._unanswered if unanswered else 0
            step = self.step
            step.done += 1
            step.refused += 1
            refusal = step.refusals.get((status, said))
            if refusal is None and len(step.refusals) < MOST_REFUSALS:
                refusal = step.refusals[status, said] = Refusal(status, said, who, request_id)
            if refusal is not None:
                refusal.times += 1

    def _no_answer(self, error: NoAnswer, who: str) -> None:
        self._trouble(None, str(error), who, "", unanswered=True)
        with self._lock:
            self._unanswered += 1
            if self._unanswered >= MOST_UNANSWERED:
                self._gave_up = str(error)
                self.stopping.set()

    def _note(self, answer: Answer) -> None:
        with self._lock:
            self.step.requests += 1
            self.step.times.append(answer.seconds)
            self.first_request = self.first_request or answer.request_id
            self.last_request = answer.request_id or self.last_request
