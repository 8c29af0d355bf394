#!/usr/bin/env python3
"""Tests of what the fault suite concludes from what it sees."""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "bench")]
from lib.kernel_trace import Event  # noqa: E402
from suite.census import Census  # noqa: E402
from suite.kills import in_roles, is_background, on_machines  # noqa: E402
from suite import special, staged, themes  # noqa: E402
from suite.report import Report  # noqa: E402
from suite.violation import NotReached, Violation  # noqa: E402
from suite.waiting import until  # noqa: E402
from suite.writer import first_fault  # noqa: E402


class Trace:
    """Tells prepared events."""

    def __init__(self, *events):
        self._events = [Event(kind, pid, at) for at, (kind, pid) in enumerate(events)]

    def take(self):
        events, self._events = self._events, []
        return events


class CensusTest(unittest.TestCase):
    def test_one_after_the_other_is_fine(self):
        Census(Trace(("exec", 1), ("signal", 1), ("exit", 1), ("exec", 2), ("accept", 2))).check()

    def test_a_kernel_that_tells_nothing_is_no_census(self):
        with self.assertRaisesRegex(Violation, "sees nothing"):
            Census(Trace()).check()

    def test_two_at_once_are_two_writers(self):
        with self.assertRaisesRegex(Violation, "two writers"):
            Census(Trace(("exec", 1), ("exec", 2), ("exit", 1))).check()

    def test_remembers_who_lived_at_the_last_check(self):
        trace = Trace(("exec", 1))
        census = Census(trace)
        census.check()
        trace.__init__(("exec", 2))
        with self.assertRaises(Violation):
            census.check()


class FirstFaultTest(unittest.TestCase):
    def test_repeats_are_no_fault(self):
        self.assertIsNone(first_fault(3, [1, 2, 2, 3, 4]))

    def test_what_was_acknowledged_must_be_there(self):
        self.assertIn("the first is number 2 of 3", first_fault(3, [1, 3]))

    def test_a_count_that_goes_back_was_continued_by_another_copy(self):
        self.assertIn("two copies", first_fault(4, [1, 2, 4, 3]))

    def test_what_was_found_before_is_not_found_again(self):
        self.assertIsNone(first_fault(4, [1, 2, 3, 4, 3, 5], 4))

    def test_a_number_that_comes_again_was_carried_out_twice(self):
        self.assertIn("number 3 stands behind 4: it was there already", first_fault(4, [1, 2, 3, 4, 3]))


class KillsTest(unittest.TestCase):
    def test_a_daemon_is_named_by_its_part_in_the_move(self):
        for daemon in ("volume@node1", "proxy@node2", "coordinator@client"):
            self.assertEqual(on_machines(in_roles(daemon, "node1"), "node1", "node2"), daemon)
        self.assertEqual(on_machines(in_roles("volume@node1", "node1"), "node2", "node1"), "volume@node2")

    def test_calls_that_change_nothing_are_no_cases(self):
        self.assertTrue(is_background("drover.volume.v1.GetGroup.called"))
        self.assertFalse(is_background("drover.volume.v1.Seal.done"))
        self.assertFalse(is_background("volume.record.SEALED.before"))


class MovedWorld:
    """In which the move ended that way."""

    def __init__(self, state, owner, came_back=False):
        self.application = self
        self._came_back = came_back
        self._owner = owner
        self._migration = {"state": state, "source": "node1", "destination": "node2", "error": "why"}

    def last_migration(self):
        return self._migration

    def owner(self):
        return self._owner

    def returned_move(self):
        return self._migration if self._came_back else None


class SpecialTest(unittest.TestCase):
    def check(self, ends, state, owner, before=None):
        special.Special("a case", ends, None).check_end(MovedWorld(state, owner), before, "node1")

    def test_ends_as_it_must(self):
        self.check(special.DONE, "DONE", "node2")
        self.check(special.EITHER, "ABORTED", "node1")

    def test_another_end_is_a_violation(self):
        with self.assertRaisesRegex(Violation, "ended DONE, and not ABORTED: why"):
            self.check(special.ABORTED, "DONE", "node2")

    def test_a_move_that_came_back_is_none(self):
        with self.assertRaisesRegex(Violation, "came back: why"):
            special.Special("a case", special.EITHER, None).check_end(MovedWorld("DONE", "node2", came_back=True), None, "node1")

    def test_the_data_is_where_the_journal_says(self):
        with self.assertRaisesRegex(Violation, "is on node2, not on node1"):
            self.check(special.EITHER, "ABORTED", "node2")

    def test_what_is_not_moved_stays(self):
        self.check((), "DONE", "node1")
        with self.assertRaises(Violation):
            self.check((), "DONE", "node2")

    def test_without_a_new_move_nothing_was_tried(self):
        world = MovedWorld("DONE", "node2")
        with self.assertRaises(NotReached):
            special.Special("a case", special.DONE, None).check_end(world, world.last_migration(), "node1")

    def test_every_case_has_a_name_of_its_own(self):
        names = [case.name for case in themes.plan() + staged.plan()]
        self.assertEqual(len(names), len(set(names)))


class ReportTest(unittest.TestCase):
    def play(self, *cases):
        report = Report("btrfs", 1, len(cases))
        for number, case in enumerate(cases):
            report.carry_out(str(number), case)
        return report

    def test_all_carried_out_and_kept(self):
        self.assertFalse(self.play(lambda: "DONE").failed)

    def test_a_violation_fails(self):
        def broken():
            raise Violation("lost")
        report = self.play(lambda: "DONE", broken)
        self.assertTrue(report.failed)
        self.assertEqual(report.violations, [{"case": "1", "violation": "lost"}])

    def test_what_was_not_carried_out_fails(self):
        def missed():
            raise NotReached
        self.assertTrue(self.play(missed).failed)


    def test_only_what_went_otherwise_is_mended(self):
        def missed():
            raise NotReached
        self.assertTrue(self.play(lambda: "DONE").is_as_planned)
        self.assertFalse(self.play(missed).is_as_planned)

    def test_nothing_planned_fails(self):
        self.assertTrue(self.play().failed)

    def test_a_fault_of_the_suite_fails_and_the_run_goes_on(self):
        report = self.play(lambda: 1 // 0, lambda: "DONE")
        self.assertTrue(report.failed)
        self.assertEqual(report.executed, 2)


class UntilTest(unittest.TestCase):
    def test_says_what_was_seen_at_last(self):
        def fails():
            raise Violation("slots on node1: 2")
        with self.assertRaisesRegex(Violation, "node1 tidied up: not within 0 s; at last: slots on node1: 2"):
            until("node1 tidied up", fails, 0)


if __name__ == "__main__":
    unittest.main()
