# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All benchmarks, one after the other: make bench-baseline. Ends with one line for each."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from pathlib import Path

BENCHMARKS = ("verify", "first_application", "module_time", "drift", "fleet", "compose_plan")


def main() -> int:
    """Run them; the exit status is 1 when one could not be run to its end, or when drift was missed."""
    parser = argparse.ArgumentParser(description="Run the benchmarks.")
    parser.add_argument("--quick", action="store_true", help="few repetitions and small numbers, no proofs")
    parser.add_argument("--only", default="", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}")
    options = parser.parse_args()
    if options.only and options.only not in BENCHMARKS:
        parser.error(f"{options.only!r} is no benchmark: use one of {', '.join(BENCHMARKS)}")
    more = ["--quick", "--no-proof"] if options.quick else []
    # What is running is ended with this program then (subprocess.run kills it), and its namespaces with it.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    outcomes = {}
    for name in [options.only] if options.only else BENCHMARKS:
        started = time.monotonic()
        print(f"\n=== {name}", flush=True)
        program = Path(__file__).with_name(f"{name}.py")
        code = subprocess.run([sys.executable, str(program), *more], check=False).returncode
        outcomes[name] = code
        print(f"=== {name}: {'done' if code == 0 else 'FAILED'} ({time.monotonic() - started:.0f} s)", flush=True)
    failed = [name for name, code in outcomes.items() if code]
    print(f"\n{len(outcomes) - len(failed)} done, {len(failed)} failed {' '.join(failed)}".rstrip(), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
