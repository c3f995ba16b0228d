#!/usr/bin/env python3
"""Counts the instructions and allocations of the small operations, and compares them with those kept.

Usage: counts.py PROGRAM THRESHOLDS.json [--update]

Instructions are callgrind's, so they are the same on a busy machine; valgrind shows programs an instruction set of its own
(AVX2, no SHA extensions), so the hashing in a token's verification counts more than it costs. Fails if an operation takes
over 5 % (and 15) instructions more than kept, or allocates more. COUNTS_SLACK=1.25 in the environment allows 25 %: libcrypto and
the C library take other ways on other processors.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SLACK, MARGIN = float(os.environ.get("COUNTS_SLACK", "1.05")), 15
# Wake-ups depend on how the two threads meet.
LOOSE = {"executor enqueue from another thread": 1.5}


def allocations(program):
    text = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    return {m[1]: int(m[2]) / int(m[3]) for m in re.finditer(r"^(.*): (\d+) allocations in (\d+)$", text, re.M)}


def instructions(program):
    """Each operation is dumped after n and after 3 n calls: the difference belongs to the calls alone."""
    if not shutil.which("valgrind"):
        sys.exit("counts: valgrind is needed (Scripts/setup --bench)")
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "program")
        # Valgrind does not read the debugging information of Swift 6.3.
        subprocess.run(["strip", "-o", copy, program], check=True)
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", copy]
        environment = dict(os.environ, SWIFT_DETERMINISTIC_HASHING="1")
        run = subprocess.run(command, env=environment, capture_output=True, text=True)
        if run.returncode != 0:
            sys.exit("counts: valgrind failed\n" + run.stderr[-2000:])
        totals = {}
        for path in glob.glob(f"{folder}/out.*"):
            text = open(path).read()
            trigger = re.search(r"^desc: Trigger: Client Request: (.*)\|(\d+)$", text, re.M)
            total = re.search(r"^summary: (\d+)$", text, re.M)
            if trigger and total:
                totals.setdefault(trigger[1], {})[int(trigger[2])] = int(total[1])
    if not totals:
        sys.exit("counts: the program was built without valgrind's header; install it and build again")
    result = {}
    for name, pair in totals.items():
        small, large = sorted(pair)
        result[name] = (pair[large] - pair[small]) / (large - small)
    return result


def main():
    program, path = sys.argv[1:3]
    counted = instructions(program)
    allocated = allocations(program)
    now = {name: {"instructions": round(counted[name]), "allocations": round(allocated.get(name, 0), 1)} for name in counted}
    if "--update" in sys.argv:
        with open(path, "w") as file:
            json.dump(now, file, indent=2, sort_keys=True)
            file.write("\n")
    kept = json.load(open(path)) if os.path.exists(path) else {}
    failures = 0
    print(f"{'operation':40}{'instructions':>14}{'kept':>12}{'allocations':>14}{'kept':>8}")
    for name, value in now.items():
        old = kept.get(name)
        line = f"{name:40}{value['instructions']:>14,}{old['instructions'] if old else '–':>12,}" if old else f"{name:40}{value['instructions']:>14,}{'–':>12}"
        line += f"{value['allocations']:>14g}{old['allocations'] if old else '–':>8}"
        if old and (
            value["instructions"] > old["instructions"] * max(LOOSE.get(name, SLACK), SLACK) + MARGIN or value["allocations"] > old["allocations"] + 0.1
        ):
            failures += 1
            line += "  MORE THAN KEPT"
        if not old:
            failures += 1
            line += "  not kept: --update"
        print(line)
    print(f"{len(now) - failures} passed, {failures} failed")
    sys.exit(1 if failures else 0)


main()
