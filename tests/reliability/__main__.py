"""`python -m tests.reliability [--seed S]`: all long runs, one after the other, with their figures."""

import argparse
import random
import subprocess
import sys
import time

RUNS = {
    "kill the server under 8 clients, SQLite": ("kill", "--kills", "100", "--database", "sqlite"),
    "kill the server under 8 clients, PostgreSQL": ("kill", "--kills", "100", "--database", "postgresql"),
    "restart between all steps of random diagrams": ("restart", "--diagrams", "50", "--paths", "20"),
    "many timers due at once": ("timers",),
    "damaged diagrams": ("mutants", "--count", "10000"),
}


def main(arguments: list[str]) -> int:
    """Run everything, whatever fails; 1 if anything did."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    seed, begun, failed = parser.parse_args(arguments).seed, time.monotonic(), []
    for title, (module, *options) in RUNS.items():
        print(f"== {title}", flush=True)
        started = time.monotonic()
        command = [sys.executable, "-P", "-m", f"tests.reliability.{module}", *options, "--seed", str(seed)]
        if subprocess.run(command).returncode:
            failed.append(title)
        print(f"-- {time.monotonic() - started:.0f} s", flush=True)
    print(f"== total {(time.monotonic() - begun) / 60:.1f} min; failed: {', '.join(failed) or 'nothing'}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
