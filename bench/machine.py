"""What the machine can do at all: floors that every figure is read against, and CPU by process."""

from __future__ import annotations

import os
import socket
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

WRITES = 60
COPY_BYTES = 256 << 20
ROUND_TRIPS = 400
ROOT = Path(__file__).resolve().parents[1]


def scratch() -> Path:
    """A folder on the disk that the product's own data is on."""
    parent = Path(os.environ.get("TAHSEEL_VAR") or ROOT / "var")
    parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="bench-", dir=parent))


def fsync_us(folder: Path) -> float:
    """Median microseconds to append 4 KiB and have it on the disk (fdatasync)."""
    path = folder / "fsync"
    times = []
    with path.open("wb", buffering=0) as file:
        for _ in range(WRITES):
            file.write(b"x" * 4096)
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - start) * 1e6)
    path.unlink()
    return statistics.median(times)


def copy_mb_per_s() -> float:
    """Memory copy, megabytes a second, of one core."""
    source = bytearray(COPY_BYTES)
    start = time.perf_counter()
    bytes(source)
    return COPY_BYTES / (time.perf_counter() - start) / 1e6


def socket_round_trip_us() -> float:
    """Median microseconds for one byte there and back over a Unix socket, two threads."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)

    def echo() -> None:
        while data := there.recv(1):
            there.sendall(data)

    thread = threading.Thread(target=echo, daemon=True)
    thread.start()
    times = []
    for _ in range(ROUND_TRIPS):
        start = time.perf_counter()
        here.sendall(b"x")
        here.recv(1)
        times.append((time.perf_counter() - start) * 1e6)
    here.close()
    thread.join(1)
    there.close()
    return statistics.median(times)


def beside(folder: Path) -> dict[str, Any]:
    """The machine's figures that stand beside every result."""
    return {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "fsync_us": round(fsync_us(folder), 1),
        "copy_mb_per_s": round(copy_mb_per_s()),
    }


def process_tree(pid: int) -> list[int]:
    """A process and everything below it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            parent = _parent(int(entry.name))
            if parent is not None:
                children.setdefault(parent, []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], [])
    return found


def _parent(pid: int) -> int | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(text.rpartition(")")[2].split()[1])


def cpu_us(pid: int) -> float:
    """CPU of a process tree so far, in microseconds, from the scheduler's own clock."""
    total = 0
    for member in process_tree(pid):
        for task in Path(f"/proc/{member}/task").glob("*/schedstat"):
            try:
                total += int(task.read_text().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                continue
    return total / 1_000


def high_water_mb(pid: int) -> float:
    """The most memory that a process has had since it began, in megabytes; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    found = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(found[0]) / 1024 if found else 0.0


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
