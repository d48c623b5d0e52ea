"""Every promise of an execution environment, on a real JVM with AWS's own runtime interface client."""

import concurrent.futures
import dataclasses
import json
import os
import sys
from pathlib import Path

import pytest

from sheaf_executor.jvm import native_client
from stack import sockets
from sheaf_executor.runtime_api import MAX_RESPONSE_BYTES, InitializationFailed


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return True
    except ProcessLookupError:
        return False


def test_answers_and_stays_warm(start):
    probe = start()
    assert probe.result("echo", value={"a": [1, "ü"]}) == {"a": [1, "ü"]}
    first, second = probe.result("count"), probe.result("count")
    assert second == {"invocations": 3, "pid": first["pid"]}


def test_context_is_the_invocations(start):
    context = start().result("context")
    assert context["request"].startswith("request-")
    assert context["arn"].endswith(":function:probe")
    assert 0 < start().result("remaining") <= 5000


def test_an_error_of_the_function_is_an_answer_and_keeps_the_jvm(start):
    probe = start()
    pid = probe.result("count")["pid"]
    error = probe.error("throw", value="no such thing")
    assert error["errorMessage"] == "no such thing"
    assert error["errorType"] == "java.lang.IllegalArgumentException"
    assert probe.result("count")["pid"] == pid


def test_a_timeout_ends_the_jvm_and_the_next_invocation_has_a_new_one(start):
    probe = start(timeout_seconds=1.0)
    pid = probe.result("count")["pid"]
    error = probe.error("sleep", ms=60_000)
    assert error["errorType"] == "Sandbox.Timedout"
    assert "Task timed out after 1.00 seconds" in error["errorMessage"]
    assert not alive(pid)
    assert probe.result("count")["invocations"] == 1


def test_a_crash_is_an_answer_and_the_next_invocation_has_a_new_jvm(start):
    probe = start()
    error = probe.error("exit")
    assert error["errorType"] == "Runtime.ExitError"
    assert "exit status 3" in error["errorMessage"]
    assert probe.result("count")["invocations"] == 1


def test_a_jvm_killed_between_invocations_is_replaced(start):
    probe = start()
    pid = probe.result("count")["pid"]
    os.kill(pid, 9)
    probe.environment._jvm._process.wait()
    assert probe.result("count")["invocations"] == 1


def test_no_jvm_writes_the_library_that_another_loads(start, settings):
    loaded = Path(f"/proc/{start().result('count')['pid']}/maps").read_text()
    assert str(native_client(settings.runtime_jars[0].parent.resolve())) in loaded
    assert "/tmp/.libaws" not in loaded


def test_memory_limits_the_heap(start):
    probe = start()
    heap = probe.result("heap")
    assert 0.75 * 256 <= heap / 2**20 <= 0.86 * 256
    assert probe.error("fill")["errorType"] == "java.lang.OutOfMemoryError"


def test_logs_are_those_of_the_invocation(start):
    probe = start()
    first = probe.outcome("print", value="one").logs
    second = probe.outcome("print", value="two").logs
    assert [line.split()[0] for line in first.splitlines()] == ["START", "one", "END", "REPORT"]
    assert "Init Duration" in first and "Init Duration" not in second
    assert "two" in second and "one\n" not in second
    assert "one" in probe.environment.logs()


def test_a_timeout_is_in_the_logs(start):
    assert "Task timed out" in start(timeout_seconds=1.0).outcome("sleep", ms=60_000).logs


def test_the_functions_variables_and_nothing_of_ours(start, monkeypatch):
    monkeypatch.setenv("OURS", "secret")
    probe = start(SHEAF_BUCKET="bucket", NUMBER=3)
    assert probe.result("variable", value="SHEAF_BUCKET") == "bucket"
    assert probe.result("variable", value="NUMBER") == "3"
    assert probe.result("variable", value="OURS") == "null"


def test_an_answer_above_the_limit_is_an_error(start):
    probe = start()
    assert len(probe.result("large", size=MAX_RESPONSE_BYTES - 2)) == MAX_RESPONSE_BYTES - 2
    assert probe.error("large", size=MAX_RESPONSE_BYTES)["errorType"] == "Function.ResponseSizeTooLarge"


def test_environments_run_side_by_side(start):
    probes = [start() for _ in range(3)]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        pids = {result["pid"] for result in pool.map(lambda probe: probe.result("count"), probes)}
    assert len(pids) == 3


def test_a_failing_constructor_fails_the_start_with_its_reason(start):
    with pytest.raises(InitializationFailed) as failure:
        start(FAIL="initialisation")
    assert "refused to initialise" in json.loads(failure.value.payload)["errorMessage"]


def test_a_jvm_that_ends_while_starting_fails_the_start(start):
    with pytest.raises(InitializationFailed, match="exit status 7"):
        start(FAIL="exit")


def test_a_handler_that_does_not_exist_fails_each_invocation(start, launch):
    probe = start(launch=dataclasses.replace(launch, handler="Missing::handleRequest"))
    assert "Missing" in probe.error("count")["errorMessage"]


def test_stop_leaves_no_process_and_no_file(start):
    probe = start()
    pid = probe.result("count")["pid"]
    probe.environment.stop()
    assert not alive(pid)
    assert not probe.home.exists()
    assert probe.error("count")["errorType"] == "Runtime.Stopped"


def test_stop_interrupts_a_running_invocation(start):
    probe = start()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        running = pool.submit(probe.error, "sleep", ms=60_000)
        while not probe.environment._api._running:
            pass
        probe.environment.stop()
        assert running.result(10)["errorType"] == "Runtime.ExitError"


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_everything_that_listens_is_on_loopback(start):
    start().result("count")
    addresses = sockets.listening([os.getpid()])
    assert addresses
    assert all(address.is_loopback for address in addresses)


def test_a_jvm_does_not_outlive_its_runtime_api(start):
    """LocalStack may be killed outright: its functions must notice and end by themselves."""
    probe = start()
    pid = probe.result("count")["pid"]
    probe.environment._api.close()
    probe.environment._jvm._process.wait(20)
    assert not alive(pid)
