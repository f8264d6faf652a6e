#!/usr/bin/env python3
"""The simulation loses no work and invents none, says what was measured, and docs/scaling.md says what it says."""
import contextlib
import dataclasses
import io
import json
import pathlib
import unittest

import simulate
from cluster_model import Cluster, Run, Task

HERE = pathlib.Path(__file__).parent
MEASURED = json.loads((HERE / "measured.json").read_text())
RATES = simulate.rates_of(MEASURED)
# What a prediction may be off by. Wall clock was measured beside other work, and Ray's own start varies by a second.
CPU_MARGIN, SECONDS_MARGIN = 0.10, 0.25


def some_tasks(count, films=1):
    return [Task(cpu=5 + number % 7, fetched=1e6, findings=1e5, writing=0.01, films=films) for number in range(count)]


class Work(unittest.TestCase):
    def expect_all_once(self, run, tasks):
        for number, task in enumerate(tasks):
            self.assertEqual(run.scanned[number], task.films)
            self.assertEqual(run.done[number], 1)
            self.assertEqual(run.written[number], 1)
        self.assertAlmostEqual(run.spent_cpu, sum(task.cpu for task in tasks), places=4)
        # What cores did is what was needed and what was lost, no more and no less.
        self.assertAlmostEqual(run.busy["cores"], run.spent_cpu + run.lost_cpu, places=4)
        self.assertAlmostEqual(run.busy["writer"], sum(task.writing for task in tasks), places=4)

    def test_every_source_is_scanned_and_written_once(self):
        for nodes, slots, cores in ((1, 1, 1), (3, 2, 2), (50, 4, 4), (4, 1, 2)):
            tasks = some_tasks(101)
            run = Run(tasks, Cluster(nodes=nodes, slots=slots, cores=cores, nodes_share_a_machine=nodes == 4)).go()
            self.expect_all_once(run, tasks)
            self.assertEqual(run.lost_cpu, 0)

    def test_also_when_nodes_end_again_and_again(self):
        for films, seed in ((1, 1), (1, 2), (20, 3)):
            tasks = some_tasks(200, films)
            run = Run(tasks, Cluster(nodes=5, slots=3, cores=3, mean_life=30, replaced_after=7, start=3), seed).go()
            self.expect_all_once(run, tasks)
            self.assertGreater(run.lost_cpu, 0)

    def test_what_is_done_of_several_films_stays_done(self):
        lost = {}
        for films in (1, 20):
            lost[films] = Run(some_tasks(200, films), Cluster(nodes=5, slots=3, cores=3, mean_life=30), 7).go().lost_cpu
        self.assertLess(lost[20], lost[1] / 4)

    def test_nothing_to_do_takes_no_time(self):
        self.assertEqual(Run([], Cluster(nodes=3, slots=1, cores=1)).go().seconds, 0)


class Times(unittest.TestCase):
    def test_they_are_those_that_arithmetic_gives(self):
        ten = [Task(cpu=10, fetched=0, findings=0, writing=0)] * 10
        self.assertAlmostEqual(Run(ten, Cluster(nodes=1, slots=1, cores=1)).go().seconds, 100)
        self.assertAlmostEqual(Run(ten, Cluster(nodes=5, slots=1, cores=1)).go().seconds, 20)
        self.assertAlmostEqual(Run(ten, Cluster(nodes=3, slots=1, cores=1)).go().seconds, 40)  # 4, 3 and 3
        # Four workers on two cores are no faster than two.
        self.assertAlmostEqual(Run(ten, Cluster(nodes=4, slots=1, cores=2, nodes_share_a_machine=True)).go().seconds, 50, delta=5)

    def test_the_narrowest_place_holds_up(self):
        def run(**changed):
            tasks = [Task(cpu=1, fetched=60e6, findings=1e9, writing=0.5)] * 40
            return Run(tasks, Cluster(nodes=10, slots=4, cores=4, **changed)).go()
        self.assertAlmostEqual(run(line=1e9).seconds, 42.5, delta=0.1)            # the line: 40 s after the first second of each
        self.assertAlmostEqual(run(line=1e15).seconds, 22, delta=0.1)             # the writer
        self.assertAlmostEqual(run(line=1e15, writers=40).seconds, 2.5, delta=0.1)
        self.assertAlmostEqual(run(line=1e15, writers=40, store_total=120e6).seconds, 21.5, delta=0.1)  # two fetches at a time

    def test_a_smaller_model_says_what_the_whole_does(self):
        options = simulate.Options(cores=4)
        whole, kept = {}, (simulate.MOST_SLOTS, simulate.TASKS_PER_SLOT)
        try:
            for name, (slots, per_slot) in {"whole": (10**9, 10**9), "small": kept}.items():
                simulate.MOST_SLOTS, simulate.TASKS_PER_SLOT = slots, per_slot
                whole[name] = simulate.simulate_case(2000, 100, RATES, dataclasses.replace(options, writers=8))["scan"]
        finally:
            simulate.MOST_SLOTS, simulate.TASKS_PER_SLOT = kept
        self.assertAlmostEqual(whole["small"] / whole["whole"], 1, delta=0.1)


class Measured(unittest.TestCase):
    def test_the_measured_runs_are_predicted(self):
        for nodes in (1, 4):
            for name, seconds, real_seconds, cpu, real_cpu in simulate.predict_ray(MEASURED, nodes):
                self.assertAlmostEqual(cpu / real_cpu, 1, delta=CPU_MARGIN, msg=f"{nodes} nodes, {name}: processor seconds")
                self.assertAlmostEqual(seconds / real_seconds, 1, delta=SECONDS_MARGIN, msg=f"{nodes} nodes, {name}: seconds")

    def test_the_page_says_what_the_simulation_says(self):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            simulate.print_tables(RATES, simulate.Options())
            print()
            simulate.print_check(MEASURED)
        page = (HERE.parent.parent / "docs" / "scaling.md").read_text().splitlines()
        for line in said.getvalue().splitlines():
            if line.startswith("|"):
                self.assertIn(line, page, "docs/scaling.md is not what bench/scaling/simulate.py says")


if __name__ == "__main__":
    unittest.main()
