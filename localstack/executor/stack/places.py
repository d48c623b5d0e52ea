"""Where things are in this project."""

from pathlib import Path

EXECUTOR = Path(__file__).resolve().parent.parent
LOCALSTACK = EXECUTOR.parent
ROOT = LOCALSTACK.parent
INFRA = ROOT / "infra"
# Not in git: the virtual environment, logs, the state of a running stack.
STATE = LOCALSTACK / ".state" / "localstack"
