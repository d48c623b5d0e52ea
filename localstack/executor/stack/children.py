"""Processes that end when this one does."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from stack.problem import Problem

_PR_SET_PDEATHSIG = 1


class Child:
    """A server in a session of its own (Ctrl-C reaches only us, and we stop it in order), with a log file."""

    def __init__(self, name: str, command: Sequence[str], log: Path, variables: Mapping[str, str]) -> None:
        self._name = name
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            os.fchmod(output.fileno(), 0o600)
            self._process = subprocess.Popen(
                command,
                env={**os.environ, **variables},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Raises Problem if it ends before it is ready, or takes longer."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self._process.poll() is not None:
                raise Problem(f"{self._name} ended while starting; {self._log} ends with:\n{self.log()[-2000:]}")
            if time.monotonic() > deadline:
                raise Problem(f"{self._name} was not ready after {seconds:g} s; see {self._log}.")
            time.sleep(0.1)

    @property
    def pid(self) -> int:
        return self._process.pid

    def running(self) -> bool:
        return self._process.poll() is None

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def stop(self, seconds: float = 20) -> None:
        """Asks it to end and waits; whatever is left of its session then is killed."""
        if self.running():
            self._process.terminate()
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()


def _end_with_parent() -> None:
    """On Linux the kernel ends the child even if we are killed outright."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
