#!/usr/bin/env python3
"""Scores answers on composed episodes: usage: bookend detect --format json DIR | score_composed.py DIR/truth.jsonl

Prints a table by class of opening and of credits: marks right within 2 s, missed, wrong, and HARM (over 5 s of
story skipped). As Markdown."""
import collections
import json
import os
import sys

truth = {t["file"]: t for t in map(json.loads, open(sys.argv[1], encoding="utf-8"))}
rows = collections.defaultdict(collections.Counter)
for line in sys.stdin:
    a = json.loads(line)
    t = truth[os.path.basename(a["file"])]
    for mark, key, kind in (("start_main", "start_bands", t["opening"]), ("end_main", "end_bands", t["credits"])):
        bands, got = t[key], a.get(mark)
        start = mark == "start_main"
        none = got is None or (got <= 0.5 if start else got >= t["duration"] - 0.5)
        right = got is not None and any(lo - 2 <= got <= hi + 2 for lo, hi in bands)
        lost = 0 if got is None else got - max(hi for _, hi in bands) if start else min(lo for lo, _ in bands) - got
        verdict = "right" if right else "missed" if none else "wrong"
        for name in (("opening " if start else "credits ") + kind, "all openings" if start else "all credits", "all marks"):
            rows[name][verdict] += 1
            rows[name]["HARM"] += not right and lost > 5
        if not right:
            print(f"<!-- {a['file']} {mark} ({kind}): {got}, right {bands}, confidence {a.get(mark.split('_')[0] + '_confidence')} -->", file=sys.stderr)
print("| class | marks | right | missed | wrong | HARM |\n|---|---|---|---|---|---|")
for name in sorted(rows, key=lambda n: (n.startswith("all"), n)):
    c = rows[name]
    n = c["right"] + c["missed"] + c["wrong"]
    print(f"| {name} | {n} | {c['right']} ({100 * c['right'] / n:.0f} %) | {c['missed']} | {c['wrong']} | {c['HARM']} |")
