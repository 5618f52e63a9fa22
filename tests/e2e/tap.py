"""TAP for the tests written in Python: one line a check, the plan at the end."""
import shutil
import sys

_n = 0
_failed = 0


def ok(held, name, note=""):
    """One check. Returns whether it held; `note` is shown when it did not."""
    global _n, _failed
    _n += 1
    print(f"{'ok' if held else 'not ok'} {_n} - {name}", flush=True)
    if not held:
        _failed += 1
        for line in str(note).splitlines():
            print(f"# {line}", flush=True)
    return bool(held)


def same(is_, expected, name):
    return ok(is_ == expected, name, f"is       {is_!r}\nexpected {expected!r}")


def skip(name, why):
    global _n
    _n += 1
    print(f"ok {_n} - {name} # SKIP {why}", flush=True)


def missing(name, *programs):
    """Whether one of the programs is not installed; then the check `name` is reported as skipped."""
    absent = [p for p in programs if not shutil.which(p)]
    if absent:
        skip(name, f"{', '.join(absent)} not installed")
    return bool(absent)


def done():
    print(f"1..{_n}")
    sys.exit(1 if _failed else 0)
