"""`python -m tests.reliability [--seed S] [--walks N]`: all long runs, group after group, with figures."""

import argparse
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

KILL = ("kill", "--kills", "100", "--database")
KILL_WORKERS = ("kill", "--kills", "20", "--workers", "2", "--database")
WALKS = "walks of chance through the shipped diagrams"
# Those of one group run at once: between kills there is little to do but wait.
GROUPS = (
    {
        "kill the server under 8 clients, SQLite": (*KILL, "sqlite"),
        "kill the server under 8 clients, PostgreSQL": (*KILL, "postgresql"),
    },
    {"kill the server and two workers, SQLite": (*KILL_WORKERS, "sqlite")},
    {"kill the server and two workers, PostgreSQL": (*KILL_WORKERS, "postgresql")},
    {
        "restart between all steps of random diagrams": ("restart", "--diagrams", "50", "--paths", "20"),
        WALKS: ("walks",),
    },
    {"many timers due at once": ("timers",)},
    {"damaged diagrams": ("mutants", "--count", "10000")},
)


@dataclass(frozen=True)
class Ended:
    """How a run ended, and what it printed."""

    title: str
    failed: bool
    printed: str
    seconds: float


def main(arguments: list[str]) -> int:
    """Run everything, whatever fails; 1 if anything did."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--walks", type=int, default=1000, help="fewer where there is less time")
    asked, begun, failed = parser.parse_args(arguments), time.monotonic(), list[Ended]()
    for group in GROUPS:
        for title in group:
            print(f"== {title}", flush=True)
        with ThreadPoolExecutor(len(group)) as pool:
            for ended in pool.map(lambda run: _run(*run, asked), group.items()):
                print(f"{ended.printed}-- {ended.seconds:.0f} s: {ended.title}", flush=True)
                failed += [ended] if ended.failed else []
    for ended in failed:
        print(f"== failed: {ended.title}\n{ended.printed}")
    print(f"== total {(time.monotonic() - begun) / 60:.1f} min; failed: {len(failed)}")
    return int(bool(failed))


def _run(title: str, command: tuple[str, ...], asked: argparse.Namespace) -> Ended:
    started = time.monotonic()
    module, *options = command
    options += ["--seed", str(asked.seed)]
    if title == WALKS:
        options += ["--count", str(asked.walks)]
    done = subprocess.run(
        [sys.executable, "-P", "-m", f"tests.reliability.{module}", *options],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    return Ended(title, done.returncode != 0, done.stdout, time.monotonic() - started)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
