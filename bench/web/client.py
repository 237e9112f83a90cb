"""A closed-loop load client on keep-alive connections, and what the server's processes used meanwhile.

Only CPU per reply and its ratio to the floor's carry over to another machine; times are for orientation.
"""

import asyncio
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
Request = Callable[[int], bytes]  # number of the request -> its bytes


@dataclass(frozen=True)
class Load:
    """cpu_ms: CPU of the whole server tree per reply; p50, p99 in ms; size of the last reply's body in bytes."""

    replies: int
    seconds: float
    cpu_ms: float
    p50: float
    p99: float
    size: int

    @property
    def per_second(self) -> float:
        return self.replies / self.seconds


class WrongReply(RuntimeError):
    """A run with one wrong reply is no figure."""


def load(port: int, requests: Sequence[Request], pid: int, *, seconds: float, status: int) -> Load:
    """One connection per element of `requests`, each sending again as soon as it was answered."""
    return asyncio.run(_load(port, requests, pid, seconds, status))


async def _load(port, requests, pid, seconds, status) -> Load:
    times, size = [], 0
    start, used = time.perf_counter(), cpu_seconds(pid)

    async def one(lane: int, request: Request) -> None:
        nonlocal size
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        number = lane
        while time.perf_counter() - start < seconds:
            began = time.perf_counter()
            writer.write(request(number))
            code, size = await _reply(reader)
            if code != status:
                raise WrongReply(f"status {code} instead of {status}")
            times.append(time.perf_counter() - began)
            number += len(requests)
        writer.close()

    await asyncio.gather(*(one(lane, request) for lane, request in enumerate(requests)))
    spent, cpu = time.perf_counter() - start, cpu_seconds(pid) - used
    times.sort()
    p50, p99 = (1000 * times[int(len(times) * share)] for share in (0.5, 0.99))
    return Load(len(times), spent, 1000 * cpu / len(times), p50, p99, size)


async def _reply(reader) -> tuple[int, int]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(re.search(rb"content-length: (\d+)", head)[1]) if b"content-length" in head else 0
    if length:
        await reader.readexactly(length)
    return int(head[9:12]), length


def tree(pid: int) -> list[int]:
    """The process and all below it."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], [])
    return found


def cpu_seconds(pid: int) -> float:
    total = 0
    for process in tree(pid):
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICKS


def memory_mib(pid: int) -> list[float]:
    """PSS of each process of the tree, the server's master first."""
    found = []
    for process in tree(pid):
        try:
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        found.append(int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1]) / 1024)
    return found
