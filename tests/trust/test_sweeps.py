"""Sweeps leave each other room: none goes on for ever, and none hides that the scheduler lives."""

import pytest

from trust import sweeps


def test_a_sweep_goes_on_while_there_is_more_for_a_while_and_then_wakes_itself(monkeypatch):
    hints: list[str] = []
    monkeypatch.setattr(sweeps, "hint", hints.append)
    left = [1, 1, 0]

    sweeps.go_on(lambda: left.pop(0), task="tests.sweep")
    assert (left, hints) == ([], [])

    monkeypatch.setattr(sweeps, "SECONDS_AT_ONCE", 0)
    sweeps.go_on(lambda: True, task="tests.sweep")
    assert hints == ["tests.sweep"]


@pytest.mark.django_db
def test_a_sign_of_life_follows_each_sweep_also_one_that_fails(monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(sweeps, "registered", lambda: ["a", "b"])
    monkeypatch.setattr(sweeps, "run", lambda task: said.append(task) or (1 // 0 if task == "a" else None))

    sweeps.run_all(after_each=lambda: said.append("beat"))

    assert said == ["a", "beat", "b", "beat"]
