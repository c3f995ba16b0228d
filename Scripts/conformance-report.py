#!/usr/bin/env python3
"""Sums up an Autobahn `index.json`: a table of behaviours per group, the NON-STRICT cases by name, and an exit status.

Usage: conformance-report.py INDEX.json

Exit status 0 when every case is OK, NON-STRICT or INFORMATIONAL (for its frames and for its close), 1 otherwise, and 1
when there is no case at all.
"""

import collections
import json
import sys

PASSING = {"OK", "NON-STRICT", "INFORMATIONAL"}


def main(path):
    with open(path, encoding="utf-8") as file:
        agents = json.load(file)
    failed = 0
    total = 0
    for agent, cases in agents.items():
        groups = collections.defaultdict(collections.Counter)
        notes = []
        for case, result in sorted(cases.items(), key=lambda item: [int(part) for part in item[0].split(".")]):
            total += 1
            groups[int(case.split(".")[0])][result["behavior"]] += 1
            for field in ("behavior", "behaviorClose"):
                if result[field] not in PASSING:
                    failed += 1
                    notes.append(f"FAILED      {case} {field} {result[field]}")
                elif result[field] == "NON-STRICT":
                    notes.append(f"NON-STRICT  {case} {field}")
        behaviours = sorted({name for counter in groups.values() for name in counter})
        print(f"{agent:<10}" + "".join(f"{name:>15}" for name in behaviours))
        for group, counter in sorted(groups.items()):
            print(f"group {group:<4}" + "".join(f"{counter[name]:>15}" for name in behaviours))
        print("\n".join(notes))
    print(f"{total} cases, {failed} failed")
    return 1 if failed or not total else 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        sys.exit(0 if sys.argv[1:] else 2)
    sys.exit(main(sys.argv[1]))
