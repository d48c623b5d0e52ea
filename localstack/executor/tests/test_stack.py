"""The parts of `localstack/up --engine localstack` that do not need LocalStack to run."""

import os
import shutil
import signal
import socket
import subprocess
import sys

import pytest

from stack import build, site, sockets, tools
from stack.build import is_stale
from stack.children import Child
from stack.places import EXECUTOR
from stack.problem import Problem
from stack.state import Site, Stack, only_one


def test_a_taken_port_is_named():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(Problem, match=f"Port {port} is taken: .* --port"):
            tools.require_free(port)
    tools.require_free(port)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("host, open_to_all", [("127.0.0.1", False), ("0.0.0.0", True), ("::1", False), ("::", True)])
def test_what_other_machines_get_to_is_found_also_in_children(host, open_to_all):
    family = "socket.AF_INET6" if ":" in host else "socket.AF_INET"
    script = f"import socket; s = socket.socket({family}); s.bind(('{host}', 0)); s.listen(); print(flush=True); input()"
    child = subprocess.Popen(
        ["sh", "-c", f'"{sys.executable}" -c "$1"; true', "sh", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        child.stdout.readline()
        assert [str(address) for address in sockets.listening([child.pid])] == [host]
        if open_to_all:
            with pytest.raises(Problem, match="where other machines get to"):
                tools.require_loopback([child.pid])
        else:
            tools.require_loopback([child.pid])
    finally:
        child.communicate()


@pytest.mark.parametrize("version, works", [("v18.20.0", False), ("v20.1.0", True), ("v24.0.0", True), ("", False)])
def test_node_is_20_or_newer(version, works, tmp_path, monkeypatch):
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    if works:
        assert tools.node() == str(node)
    else:
        with pytest.raises(Problem, match="Node 20 or newer is needed"):
            tools.node()


@pytest.mark.parametrize("tool", [tools.node, tools.npm, tools.maven, tools.docker])
def test_a_missing_program_is_named_with_where_to_get_it(tool, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Problem, match="needed"):
        tool()


def test_what_is_built_is_built_once(tmp_path):
    product, stamp, source = tmp_path / "product", tmp_path / "stamp", tmp_path / "source"
    source.touch()
    assert is_stale([product, stamp], stamp, [source])
    product.touch()
    stamp.touch()
    os.utime(source, (1, 1))
    assert not is_stale([product, stamp], stamp, [source])
    os.utime(stamp, (1, 1))
    os.utime(source, (2, 2))
    assert is_stale([product, stamp], stamp, [source])


def test_a_child_that_ends_early_is_told_with_its_output(tmp_path):
    child = Child("The server", ["sh", "-c", "echo no memory; exit 3"], tmp_path / "log", {})
    with pytest.raises(Problem, match="(?s)The server ended while starting; .*no memory"):
        child.wait_until(lambda: False, 10)


def test_a_child_that_never_gets_ready_is_told(tmp_path):
    child = Child("The server", ["sleep", "60"], tmp_path / "log", {})
    with pytest.raises(Problem, match="not ready after 0.2 s"):
        child.wait_until(lambda: False, 0.2)
    child.stop()
    assert not child.running()


def test_stop_also_ends_what_a_child_started(tmp_path):
    child = Child("The server", ["sh", "-c", "sleep 60 & echo $!; wait"], tmp_path / "log", {})
    child.wait_until(lambda: child.log().strip() != "", 10)
    grandchild = int(child.log())
    child.stop()
    assert has_ended(grandchild)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_a_child_ends_with_us_even_if_we_are_killed(tmp_path):
    script = (
        "import sys, time; from pathlib import Path; from stack.children import Child;"
        "child = Child('x', ['sleep', '60'], Path(sys.argv[1]), {}); print(child._process.pid, flush=True);"
        "time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, tmp_path / "log"], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert has_ended(child)


def has_ended(pid: int, seconds: float = 10) -> bool:
    """A zombie counts: in a container nobody may be there to reap it."""
    import time

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with open(f"/proc/{pid}/stat") as stat:
                if stat.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def test_the_api_is_reached_by_path():
    outputs = {"ApiUrl": "https://a1b2c3.execute-api.127.0.0.1:4566/live/"}
    assert site.api_url("http://127.0.0.1:4566", outputs) == "http://127.0.0.1:4566/_aws/execute-api/a1b2c3/live"


def test_sites_know_one_another_by_urls_that_are_known_before_they_are_deployed():
    sites = [Site(name, {"site": name}) for name in ("main", "site2", "site3")]
    peered = site.peered(Stack("localstack", "http://127.0.0.1:4566", sites))
    urls = [f"http://127.0.0.1:4566/_aws/execute-api/sheaf-{each.name}-api/live" for each in sites]
    assert [each.context["self"] for each in peered] == urls
    assert peered[1].context["peers"] == f"{urls[0]},{urls[2]}"
    assert [each.context["site"] for each in peered] == ["main", "site2", "site3"]
    alone = Stack("localstack", "http://127.0.0.1:4566", sites[:1])
    assert site.peered(alone) == sites[:1]


def test_deploy_without_a_running_stack_says_how_to_start_one(tmp_path, monkeypatch):
    monkeypatch.setattr("stack.state._FILE", tmp_path / "stack.json")
    with pytest.raises(Problem, match="localstack/up --engine localstack"):
        Stack.running()
    stack = Stack("localstack", "http://127.0.0.1:4566", [Site("main", {"architecture": "arm64"})])
    stack.save()
    assert Stack.running() == stack
    assert (tmp_path / "stack.json").stat().st_mode & 0o777 == 0o600
    # Left behind by a process that was killed.
    Stack("localstack", "http://127.0.0.1:4566", [], pid=2**22 + 1).save()
    with pytest.raises(Problem):
        Stack.running()


def test_one_checkout_runs_one_stack(tmp_path, monkeypatch):
    monkeypatch.setattr("stack.state._LOCK", tmp_path / "lock")
    with only_one():
        with pytest.raises(Problem, match=rf"\(process {os.getpid()}\): use it, or stop it first"):
            with only_one():
                pass
    with only_one():
        pass


def test_without_a_jdk_it_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "functions/cli").mkdir(parents=True)
    java25 = tmp_path / "functions/cli/java25"
    java25.write_text("#!/bin/sh\necho 'A JDK 25 is needed and none was found: install one' >&2\nexit 1\n")
    java25.chmod(0o755)
    monkeypatch.setattr("stack.tools.ROOT", tmp_path)
    with pytest.raises(Problem, match="A JDK 25 is needed and none was found: install one"):
        tools.java()


def test_without_python_it_says_what_to_install(tmp_path):
    tools_only = tmp_path / "bin"
    tools_only.mkdir()
    for program in ("bash", "env"):
        (tools_only / program).symlink_to(shutil.which(program))
    script = EXECUTOR / "python312"
    done = subprocess.run(
        [script], env={"PATH": str(tools_only), "HOME": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("LocalStack needs CPython 3.12 or newer")
    assert "pyenv install 3.13" in done.stderr


def test_an_unbuilt_product_is_named_with_the_command_that_builds_it(tmp_path, monkeypatch):
    monkeypatch.setattr("stack.build._PRODUCTS", (tmp_path / "function.zip",))
    with pytest.raises(Problem, match="function.zip: build it with `mvn -B -DskipTests package`"):
        build.require()
