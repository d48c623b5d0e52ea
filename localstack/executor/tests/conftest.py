"""A function compiled from tests/probe, and environments that run it on a real JVM."""

import itertools
import json
import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from sheaf_executor.environment import Environment, Outcome
from sheaf_executor.jvm import Launch
from sheaf_executor.runtime_api import Invocation
from sheaf_executor.settings import Settings

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def settings(tmp_path_factory) -> Settings:
    work = tmp_path_factory.mktemp("work")
    return Settings.read({"SHEAF_EXECUTOR_WORK": str(work), **os.environ})


@pytest.fixture(scope="session")
def code(settings, tmp_path_factory) -> Path:
    """An unpacked archive as ours are: everything in lib/."""
    folder = tmp_path_factory.mktemp("code")
    classes = tmp_path_factory.mktemp("classes")
    jdk = settings.java.parent
    class_path = os.pathsep.join(map(str, settings.runtime_jars))
    subprocess.run([jdk / "javac", "-d", classes, "-cp", class_path, HERE / "probe/Probe.java"], check=True)
    (folder / "lib").mkdir()
    subprocess.run([jdk / "jar", "--create", "--file", folder / "lib/probe.jar", "-C", classes, "."], check=True)
    return folder


@pytest.fixture
def launch(settings, code) -> Launch:
    return Launch(settings.java, code, settings.runtime_jars, "Probe::handleRequest", memory_mb=256)


@pytest.fixture
def start(launch, tmp_path):
    """start(timeout_seconds=, startup_seconds=, **variables) gives a started Probe, stopped after the test."""
    probes: list[Probe] = []

    def begin(timeout_seconds=10.0, startup_seconds=20.0, launch=launch, **variables) -> Probe:
        home = tmp_path / f"environment-{len(probes)}"
        probe = Probe(
            Environment(launch, variables, timeout_seconds, startup_seconds, threading.Semaphore(2), home), home
        )
        probes.append(probe)
        probe.environment.start()
        return probe

    yield begin
    for probe in probes:
        probe.environment.stop()


class Probe:
    _ids = itertools.count(1)

    def __init__(self, environment: Environment, home: Path) -> None:
        self.environment = environment
        self.home = home

    def outcome(self, do: str, **event) -> Outcome:
        deadline_ms = int(time.time() * 1000) + 5000
        return self.environment.invoke(
            Invocation(
                request_id=f"request-{next(self._ids)}",
                function_arn="arn:aws:lambda:eu-central-1:000000000000:function:probe",
                trace_id="Root=1-0-0;Parent=0;Sampled=0",
                payload=json.dumps({"do": do, **event}).encode(),
                deadline_ms=deadline_ms,
            )
        )

    def result(self, do: str, **event):
        answer = self.outcome(do, **event).answer
        assert not answer.is_error, answer.payload
        return json.loads(answer.payload)

    def error(self, do: str, **event) -> dict:
        answer = self.outcome(do, **event).answer
        assert answer.is_error, answer.payload
        return json.loads(answer.payload)
