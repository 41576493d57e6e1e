"""`python -m tools.lint`: print each finding as `path:line: rule: sentence`, and exit 1 when there is one."""

import gc
import sys

from tools.lint.run import findings

gc.disable()  # nothing of millions of nodes becomes garbage before the end
found = findings()
for finding in found:
    print(finding)
sys.exit(1 if found else 0)
