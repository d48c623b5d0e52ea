"""What `deploy` and the acceptance suite know of a running stack: one JSON file, gone when it stops."""

import dataclasses
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

from stack.places import STATE
from stack.problem import Problem

REGION = "us-east-1"
# LocalStack in a container checks none, and only this machine reaches it.
_ANY_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
_FILE = STATE / "stack.json"
_LOCK = STATE / "lock"


@dataclasses.dataclass(frozen=True)
class Site:
    """One deployed stack.

    context   what `cdk` is told of it
    outputs   of the deployed stack, by name
    url       the API's base address
    tokens    by name; the one named local may do everything
    environment  what its functions know, for programs that look after it from outside
    """

    name: str
    context: dict[str, str]
    outputs: dict[str, str] = dataclasses.field(default_factory=dict)
    url: str = ""
    tokens: dict[str, str] = dataclasses.field(default_factory=dict)
    environment: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def stack(self) -> str:
        return f"sheaf-{self.name}"


@dataclasses.dataclass(frozen=True)
class Stack:
    """What runs: one site, or several that are one another's peers.

    endpoint  where LocalStack answers, for every AWS service
    region    of everything in it
    sources   digest of what it was deployed from, without the functions
    credentials  what requests to it are signed with, under the names that every AWS client knows
    pid       of the process that keeps it running
    """

    engine: str
    endpoint: str
    sites: list[Site]
    sources: str = ""
    region: str = REGION
    credentials: dict[str, str] = dataclasses.field(default_factory=lambda: dict(_ANY_CREDENTIALS))
    pid: int = dataclasses.field(default_factory=os.getpid)

    def save(self) -> None:
        unfinished = _FILE.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(json.dumps(dataclasses.asdict(self), indent=2) + "\n")
        unfinished.replace(_FILE)

    @staticmethod
    def forget() -> None:
        _FILE.unlink(missing_ok=True)

    @staticmethod
    def running() -> "Stack":
        if _FILE.exists():
            fields = json.loads(_FILE.read_text())
            stack = Stack(**{**fields, "sites": [Site(**site) for site in fields["sites"]]})
            if _is_alive(stack.pid):
                return stack
        raise Problem("No stack runs on LocalStack: start one with localstack/up --engine localstack.")


@contextmanager
def only_one() -> Iterator[None]:
    """Held by whoever runs the stack of this checkout: two would share its folders. Ends with the process."""
    _LOCK.parent.mkdir(parents=True, exist_ok=True)
    with _LOCK.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Problem(
                f"A stack of this checkout runs or starts already (process {lock.read().strip() or 'unknown'}): "
                "use it, or stop it first."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return True
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
