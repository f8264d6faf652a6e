"""A cluster that scans films, as a discrete-event simulation: tasks, nodes that may fail, the store, the line to the one who asks, and the
writer of the gallery. simulate.py feeds it. Times are seconds, sizes bytes."""
import collections
import dataclasses
import math
import random

import simpy


@dataclasses.dataclass(frozen=True)
class Task:
    cpu: float          # seconds of one core
    fetched: float      # bytes of footage
    findings: float     # bytes that go back
    writing: float      # seconds of the writer
    films: int = 1      # that it stands for: where a node ends, those that are done stay done


@dataclasses.dataclass(frozen=True)
class Cluster:
    nodes: int
    slots: int                        # tasks at a time of a node
    cores: int                        # of a machine
    nodes_share_a_machine: bool = False
    store_stream: float = 60e6        # bytes a second of one fetch
    store_total: float = math.inf     # of all fetches together
    line: float = 1.25e9              # bytes a second into the one who asks
    writers: int = 1
    start: float = 0                  # until the first task can run
    mean_life: float = math.inf       # of a node
    replaced_after: float = 120


class Run:
    """One scan. After go(): seconds, busy shares, and how often every task was done and written."""

    QUANTUM = 0.25  # of a core, where tasks share cores

    def __init__(self, tasks, cluster, seed=1):
        self.env = simpy.Environment()
        self.cluster, self.tasks, self.random = cluster, tasks, random.Random(seed)
        self.waiting = collections.deque(range(len(tasks)))
        self.left = [task.films for task in tasks]
        self.done, self.written, self.scanned = collections.Counter(), collections.Counter(), collections.Counter()
        self.lost_cpu = self.spent_cpu = 0.0
        self.work = self.env.event()      # somebody may look for a task again
        self.finished = self.env.event()
        streams = len(tasks) if math.isinf(cluster.store_total) else max(1, int(cluster.store_total / cluster.store_stream))
        self.store = simpy.Resource(self.env, max(1, streams))
        self.streams = streams
        self.line = simpy.Resource(self.env, 1)
        self.writer = simpy.Resource(self.env, cluster.writers)
        self.busy = collections.Counter()
        self.most_waiting = self.waiting_bytes = 0.0
        machines = 1 if cluster.nodes_share_a_machine else cluster.nodes
        self.cores = [simpy.Resource(self.env, cluster.cores) for _ in range(machines)]

    def go(self):
        self.env.process(self.cluster_life())
        if self.tasks:
            self.env.run(self.finished)
        self.seconds = self.env.now
        return self

    def cluster_life(self):
        yield self.env.timeout(self.cluster.start)
        for node in range(self.cluster.nodes):
            slots = [self.env.process(self.slot(node)) for _ in range(self.cluster.slots)]
            if not math.isinf(self.cluster.mean_life):
                self.env.process(self.fate(slots))

    def fate(self, slots):
        while True:
            yield self.env.timeout(self.random.expovariate(1 / self.cluster.mean_life))
            for slot in slots:
                if slot.is_alive:
                    slot.interrupt()

    def slot(self, node):
        while True:
            index = None
            try:
                if not self.waiting:
                    yield self.work
                    continue
                index = self.waiting.popleft()
                task = self.tasks[index]
                used = [0.0]
                share = self.left[index] / task.films
                yield from self.hold(self.store, "store", share * task.fetched / self.cluster.store_stream)
                yield from self.compute(node, share * task.cpu, used)
                yield from self.hold(self.line, "line", share * task.findings / self.cluster.line)
                self.keep(index, self.left[index])
                self.done[index] += 1
                self.env.process(self.write(index))
            except simpy.Interrupt:
                if index is not None:
                    # The film under way is lost, and the last one too where its findings were still on their way.
                    film = self.tasks[index].cpu / self.tasks[index].films
                    films = min(self.left[index] - 1, int(used[0] / film)) if film > 0 else 0
                    self.lost_cpu += used[0] - films * film
                    self.keep(index, films)
                    self.waiting.appendleft(index)
                    self.work.succeed()
                    self.work = self.env.event()
                while True:  # it may be told of a further end while it waits for its successor
                    try:
                        yield self.env.timeout(self.cluster.replaced_after)
                        break
                    except simpy.Interrupt:
                        pass

    def keep(self, index, films):
        task = self.tasks[index]
        self.left[index] -= films
        self.scanned[index] += films
        self.spent_cpu += task.cpu * films / task.films

    def hold(self, resource, name, seconds):
        with resource.request() as mine:
            yield mine
            began = self.env.now
            try:
                yield self.env.timeout(seconds)
            finally:
                self.busy[name] += self.env.now - began

    def compute(self, node, seconds, used):
        cores = self.cores[0 if self.cluster.nodes_share_a_machine else node]
        shared = self.cluster.nodes_share_a_machine or self.cluster.slots > self.cluster.cores
        while seconds > 0:
            piece = min(seconds, self.QUANTUM) if shared else seconds
            with cores.request() as mine:
                yield mine
                began = self.env.now
                try:
                    yield self.env.timeout(piece)
                finally:
                    used[0] += self.env.now - began
                    self.busy["cores"] += self.env.now - began
            seconds -= piece

    def write(self, index):
        task = self.tasks[index]
        self.waiting_bytes += task.findings
        self.most_waiting = max(self.most_waiting, self.waiting_bytes)
        yield from self.hold(self.writer, "writer", task.writing)
        self.waiting_bytes -= task.findings
        self.written[index] += 1
        if len(self.written) == len(self.tasks):
            self.finished.succeed()

    def shares(self):
        """How busy everything was, of what it could have been."""
        cores = self.cluster.cores * (1 if self.cluster.nodes_share_a_machine else self.cluster.nodes)
        cores = min(cores, self.cluster.nodes * self.cluster.slots)
        whole = max(self.seconds, 1e-9)
        return {"cores": self.busy["cores"] / whole / cores, "store": 0.0 if math.isinf(self.cluster.store_total) else self.busy["store"] / whole / self.streams,
                "line": self.busy["line"] / whole, "writer": self.busy["writer"] / whole / self.cluster.writers}
