"""One execution environment: one JVM at a time, one invocation at a time.

A JVM that crashed or ran out of time is replaced at the next invocation, as Lambda does it.
"""

import dataclasses
import shutil
import threading
import time
from collections.abc import Mapping
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path

from sheaf_executor.jvm import Jvm, Launch
from sheaf_executor.runtime_api import Answer, InitializationFailed, Invocation, RuntimeApi, error_document


_STOPPED = error_document("Runtime.Stopped", "The environment was stopped.")


class RuntimeExited(Exception):
    """The JVM ended while something waited for it."""

    def __init__(self, status: int):
        super().__init__(f"exit status {status}" if status >= 0 else f"signal {-status}")


@dataclasses.dataclass(frozen=True)
class Outcome:
    """An answer and the log lines that belong to it."""

    answer: Answer
    logs: str


class Environment:
    """Use from one thread at a time; `stop` may come from any.

    launch           how the JVM is started
    variables        the function's environment variables
    timeout_seconds  the function's own time limit for one invocation
    startup_seconds  time limit of an initialisation
    startups         bounds how many JVMs start at once, over all environments
    home             folder of this environment, removed by `stop`
    """

    def __init__(
        self,
        launch: Launch,
        variables: Mapping[str, object],
        timeout_seconds: float,
        startup_seconds: float,
        startups: threading.Semaphore,
        home: Path,
    ) -> None:
        self._launch = launch
        self._variables = variables
        self._timeout_seconds = timeout_seconds
        self._startup_seconds = startup_seconds
        self._startups = startups
        self._home = home
        self._generation = 0
        self._init_ms: float | None = None
        self._api: RuntimeApi | None = None
        self._jvm: Jvm | None = None
        self._ended = False
        self._stopped = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Returns once the function is initialised. Raises InitializationFailed."""
        with self._startups:
            began = time.perf_counter()
            self._start_jvm()
            self._await_ready()
            self._init_ms = (time.perf_counter() - began) * 1000

    def invoke(self, invocation: Invocation) -> Outcome:
        """Runs one event. Starts a new JVM first if the last one is gone."""
        if self._jvm is None or self._jvm.ended():
            self._drop_jvm()
            try:
                self.start()
            except InitializationFailed as e:
                return Outcome(Answer(e.payload, is_error=True), str(e) + "\n")
        jvm, api = self._jvm, self._api
        if jvm is None or api is None:
            return Outcome(Answer(_STOPPED, is_error=True), "")
        offset = jvm.log_bytes()
        began = time.perf_counter()
        answer = self._answer(api, invocation)
        elapsed_ms = (time.perf_counter() - began) * 1000
        logs = self._report(invocation, jvm.log_from(offset), answer, elapsed_ms)
        if answer.is_error and self._ended:
            self._drop_jvm()
        return Outcome(answer, logs)

    def logs(self) -> str:
        jvm = self._jvm
        return jvm.log_from(0) if jvm else ""

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
        self._drop_jvm()
        shutil.rmtree(self._home, ignore_errors=True)

    def _start_jvm(self) -> None:
        with self._lock:
            if self._stopped:
                raise InitializationFailed(_STOPPED)
            self._generation += 1
            self._ended = False
            api = RuntimeApi()
            variables = {**self._variables, "AWS_LAMBDA_RUNTIME_API": api.start()}
            home = self._home / str(self._generation)
            self._jvm = Jvm(self._launch, variables, home, lambda status: api.fail(RuntimeExited(status)))
            self._api = api

    def _await_ready(self) -> None:
        try:
            self._api.ready.result(self._startup_seconds)
        except FutureTimeout:
            self._fail_startup("Sandbox.Timedout", f"Initialisation took longer than {self._startup_seconds:g} s.")
        except RuntimeExited as e:
            self._fail_startup("Runtime.ExitError", f"The runtime ended during initialisation: {e}.")
        except InitializationFailed:
            self._drop_jvm()
            raise

    def _fail_startup(self, error_type: str, message: str) -> None:
        output = self.logs()[-2000:]
        self._drop_jvm()
        raise InitializationFailed(error_document(error_type, f"{message} Its output ends with: {output}"))

    def _answer(self, api: RuntimeApi, invocation: Invocation) -> Answer:
        failed = f"RequestId: {invocation.request_id} Error: "
        try:
            return api.submit(invocation).result(self._timeout_seconds)
        except FutureTimeout:
            self._ended = True
            message = f"{failed}Task timed out after {self._timeout_seconds:.2f} seconds"
            return Answer(error_document("Sandbox.Timedout", message), is_error=True)
        except RuntimeExited as e:
            self._ended = True
            message = f"{failed}Runtime exited with error: {e}"
            return Answer(error_document("Runtime.ExitError", message), is_error=True)

    def _report(self, invocation: Invocation, output: str, answer: Answer, elapsed_ms: float) -> str:
        """The function's lines between those that Lambda adds, for tools that read such logs."""
        request = f"RequestId: {invocation.request_id}"
        init = f"\tInit Duration: {self._init_ms:.2f} ms" if self._init_ms is not None else ""
        self._init_ms = None
        ended = answer.payload.decode(errors="replace") + "\n" if self._ended else ""
        return (
            f"START {request} Version: {self._variables.get('AWS_LAMBDA_FUNCTION_VERSION', '$LATEST')}\n"
            f"{output if output.endswith(chr(10)) or not output else output + chr(10)}{ended}"
            f"END {request}\n"
            f"REPORT {request}\tDuration: {elapsed_ms:.2f} ms\tMemory Size: {self._launch.memory_mb} MB{init}\n"
        )

    def _drop_jvm(self) -> None:
        """Takes the server away only after the process: a JVM without it would log its despair."""
        with self._lock:
            jvm, api = self._jvm, self._api
            self._jvm = self._api = None
        if jvm is not None:
            jvm.discard()
        if api is not None:
            api.close()
