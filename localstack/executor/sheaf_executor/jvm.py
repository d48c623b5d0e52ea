"""One JVM process: its command line, its environment, its log file and its end."""

import dataclasses
import os
import platform
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

MAIN_CLASS = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda"
# The share of a function's memory that AWS's Java runtimes give to the heap.
HEAP_SHARE = 0.85
_NATIVE_CLIENT = "com.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI"
_SECONDS_TO_END = 2.0


def native_client(runtime: Path) -> Path:
    """The client's native library, unpacked beside its jars by the build.

    Left alone, every JVM writes it to one and the same file in /tmp as it starts, and one that loads it
    while another writes dies (SIGBUS).
    """
    system = "linux" if platform.libc_ver()[0] == "glibc" else "linux_musl"
    machine = "x86_64" if platform.machine() in ("x86_64", "AMD64") else "aarch_64"
    return runtime / "jni" / f"libaws-lambda-jni.{system}-{machine}.so"


@dataclasses.dataclass(frozen=True)
class Launch:
    """Everything that decides how a JVM is started, and nothing that a run changes.

    options are extra JVM options: those of the AOT cache, if there is one
    """

    java: Path
    code: Path
    runtime_jars: Sequence[Path]
    handler: str
    memory_mb: int
    options: Sequence[str] = ()

    def command(self, temporary: Path) -> list[str]:
        """As the managed runtime java25 starts a function with SnapStart: serial collector, both compilers."""
        return [
            str(self.java),
            f"-Xmx{int(self.memory_mb * HEAP_SHARE)}m",
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "--enable-native-access=ALL-UNNAMED",
            # The client looks into the JDK the way it does on AWS; JDK 24 and newer warn about it.
            "--sun-misc-unsafe-memory-access=allow",
            # Where hooks around a snapshot are registered; AWS's own start script sets it.
            "-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac",
            f"-D{_NATIVE_CLIENT}={native_client(self.runtime_jars[0].parent)}",
            f"-Djava.io.tmpdir={temporary}",
            *self.options,
            "-cp",
            self.class_path(),
            MAIN_CLASS,
            self.handler,
        ]

    def class_path(self) -> str:
        """The function's code first, as on AWS: the root, if classes lie there, then lib/*.jar in order."""
        libraries = sorted((self.code / "lib").glob("*.jar"))
        root = [self.code] if any(entry.name != "lib" for entry in self.code.iterdir()) else []
        return os.pathsep.join(str(entry) for entry in [*root, *libraries, *self.runtime_jars])


class Jvm:
    """A started process. Its output goes to `log`, which is written before the function's answer arrives."""

    def __init__(self, launch: Launch, environment: Mapping[str, object], home: Path, on_exit: Callable[[int], None]):
        self._home = home
        self._log = home / "log"
        temporary = home / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                launch.command(temporary),
                cwd=launch.code,
                env=self._environment(launch, environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal goes to LocalStack alone, which then stops its functions.
                start_new_session=True,
            )
        threading.Thread(target=self._wait, args=(on_exit,), name="jvm-exit", daemon=True).start()

    @staticmethod
    def _environment(launch: Launch, environment: Mapping[str, object]) -> dict[str, str]:
        """The function's variables alone: nothing of LocalStack's own environment leaks into it."""
        variables = {name: str(value) for name, value in environment.items()}
        variables.update(
            PATH=os.environ.get("PATH", os.defpath),
            LANG="C.UTF-8",
            LAMBDA_TASK_ROOT=str(launch.code),
            AWS_EXECUTION_ENV="AWS_Lambda_java25",
        )
        return variables

    def _wait(self, on_exit: Callable[[int], None]) -> None:
        on_exit(self._process.wait())

    def ended(self) -> bool:
        return self._process.poll() is not None

    def log_bytes(self) -> int:
        return self._log.stat().st_size

    def log_from(self, offset: int) -> str:
        with self._log.open("rb") as log:
            log.seek(offset)
            return log.read().decode(errors="replace")

    def end(self, patience: float = _SECONDS_TO_END) -> None:
        """Asks the process to end, then makes it; returns when it is gone. Ended already: nothing to do."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def discard(self) -> None:
        """Ends it and removes its temporary files and its log."""
        self.end()
        shutil.rmtree(self._home, ignore_errors=True)
