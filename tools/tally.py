#!/usr/bin/env python3
"""Adds up the TAP checks of meson's test logs: usage: tally.py FAILED BUILD_DIR...

Prints the checks that failed and, last, "N passed, N failed, N skipped". A test program that died, or a
build that failed (FAILED is not 0 and no check failed), counts as one failure. "skipped" in place of a BUILD_DIR
counts as one that is skipped."""
import json
import os
import re
import sys

passed = failed = skipped = 0
for build in sys.argv[2:]:
    if build == "skipped":
        skipped += 1
        continue
    log = os.path.join(build, "meson-logs", "testlog.json")
    if not os.path.exists(log):
        failed += 1
        print(f"{build}: the tests did not run")
        continue
    for line in open(log, encoding="utf-8"):
        test = json.loads(line)
        checks = re.findall(r"^(not )?ok\b([^\n]*)", test.get("stdout", ""), re.M)
        bad = 0
        for no, rest in checks:
            if "# SKIP" in rest:
                skipped += 1
            elif no:
                bad += 1
                print(f"{build}: {test['name']}:{rest}")
            else:
                passed += 1
        if test["result"] == "SKIP" and not checks:
            skipped += 1
        elif not checks and test["result"] == "OK":
            passed += 1
        elif test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL") and not bad:
            bad = 1
            print(f"{build}: {test['name']}: {test['result']}")
        failed += bad
if int(sys.argv[1]) and not failed:
    failed = 1
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed else 0)
