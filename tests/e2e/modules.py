"""Runs a test under a Python that has the modules it needs, or says that it is skipped."""
import importlib.util
import os
import subprocess
import sys

import tap


def _pythons():
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(folder, "python3")
        if os.access(path, os.X_OK):
            yield path


def need(*modules):
    """Returns when every module can be imported. Otherwise starts the script again under the first python3 of
    PATH that can; where there is none, the whole test is one skipped check."""
    if all(importlib.util.find_spec(m) for m in modules):
        return
    for python in _pythons() if "BK_TEST_PYTHON" not in os.environ else ():
        if subprocess.run([python, "-c", "import " + ",".join(modules)], capture_output=True).returncode == 0:
            os.execve(python, [python, *sys.argv], {**os.environ, "BK_TEST_PYTHON": python})
    tap.skip(os.path.basename(sys.argv[0]), f"no python3 with {' and '.join(modules)}")
    tap.done()
