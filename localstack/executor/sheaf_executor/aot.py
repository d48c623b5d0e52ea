"""Ahead-of-time caches (JEP 483, 514, 515): classes parsed, linked and profiled in a training run.

The JDK checks that it is started on the very jars of the training run, their times included, so a
cache comes with its own copy of the function's code:

    <work>/aot/<key>/code/       the unpacked archive
    <work>/aot/<key>/cache.aot   the cache; absent if the training failed, then code runs without it

The training run initialises the function as for a SnapStart snapshot, so that its priming hooks run
too, and ends where the snapshot would be taken.
"""

import dataclasses
import hashlib
import logging
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path

from sheaf_executor.jvm import Jvm, Launch
from sheaf_executor.runtime_api import RuntimeApi
from sheaf_executor.settings import Settings

LOG = logging.getLogger(__name__)
# The JVM writes the cache as it ends, in a process of its own.
_SECONDS_TO_WRITE = 120.0
# Every change of a function's code leaves one of some 60 MB. A running function may need the last ones.
_KEPT = 12


class AotCaches:
    """settings.startups bounds how many trainings run at once, too."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._trainings = threading.Semaphore(settings.startups)

    def launch(self, launch: Launch, digest: str) -> Launch:
        """The same launch on the cache of this code (`digest`: of its archive), if there is one."""
        home = self._home(launch, digest)
        if not (home / "cache.aot").is_file():
            return launch
        return dataclasses.replace(
            launch, code=home / "code", options=(*launch.options, f"-XX:AOTCache={home / 'cache.aot'}")
        )

    def prepare(self, launch: Launch, digest: str, variables: Mapping[str, object]) -> None:
        """Trains a cache unless this code was tried before. Never fails: a function runs without it."""
        home = self._home(launch, digest)
        if not self._settings.aot:
            return
        with self._trainings:
            if not self._claim(home):
                return
            try:
                shutil.copytree(launch.code, home / "code")
                self._train(dataclasses.replace(launch, code=home / "code"), home, variables)
            except Exception as e:
                LOG.warning("No AOT cache for %s, its cold starts stay slower: %s", launch.handler, e)

    def _train(self, launch: Launch, home: Path, variables: Mapping[str, object]) -> None:
        unfinished = home / "unfinished.aot"
        api = RuntimeApi()
        jvm = Jvm(
            dataclasses.replace(launch, options=(*launch.options, f"-XX:AOTCacheOutput={unfinished}")),
            {
                **variables,
                "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
                "AWS_LAMBDA_RUNTIME_API": api.start(),
            },
            home / "training",
            lambda status: api.fail(RuntimeError(f"the training run ended early, with status {status}")),
        )
        try:
            api.snapshot_ready.result(self._settings.startup_seconds)
            jvm.end(_SECONDS_TO_WRITE)
            if not unfinished.is_file():
                raise RuntimeError("the training run wrote none")
            unfinished.rename(home / "cache.aot")
        except Exception as e:
            raise RuntimeError(f"{e}; its output ends with: {jvm.log_from(0)[-2000:]}") from e
        finally:
            jvm.discard()
            api.close()

    def _claim(self, home: Path) -> bool:
        """Whether nobody has tried this code yet."""
        if home.exists():
            return False
        self._forget_old()
        try:
            home.mkdir(parents=True)
            return True
        except FileExistsError:
            return False

    def _forget_old(self) -> None:
        homes = sorted((self._settings.work / "aot").glob("*"), key=lambda home: home.stat().st_mtime, reverse=True)
        for home in homes[_KEPT - 1 :]:
            shutil.rmtree(home, ignore_errors=True)

    def _home(self, launch: Launch, digest: str) -> Path:
        parts = [digest, launch.handler, *(jar.name for jar in launch.runtime_jars), self._jdk(launch)]
        return self._settings.work / "aot" / hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

    @staticmethod
    def _jdk(launch: Launch) -> str:
        release = launch.java.parent.parent / "release"
        return release.read_text() if release.is_file() else str(launch.java)
