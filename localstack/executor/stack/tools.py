"""The programs that a stack needs."""

import re
import shutil
import socket
import subprocess
from pathlib import Path

from stack import sockets
from stack.places import ROOT
from stack.problem import Problem

LEAST_NODE = 20


def java() -> Path:
    """The `java` of a JDK 25."""
    found = subprocess.run([ROOT / "functions/cli/java25"], capture_output=True, text=True)
    if found.returncode != 0:
        raise Problem(found.stderr.strip())
    return Path(found.stdout.strip()).resolve()


def maven() -> str:
    return _program("mvn", "Maven 3.8 or newer is needed to build the functions: install it (https://maven.apache.org).")


def node() -> str:
    need = f"Node {LEAST_NODE} or newer is needed to deploy the stack: install it (https://nodejs.org)."
    program = _program("node", need)
    answer = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    version = re.match(r"v(\d+)\.", answer)
    if version is None or int(version[1]) < LEAST_NODE:
        raise Problem(f"{need} The one on PATH is {answer.strip() or 'broken'}.")
    return program


def npm() -> str:
    return _program("npm", "npm is needed to install the CDK: it comes with Node (https://nodejs.org).")


def docker() -> str:
    program = _program("docker", "Docker is needed for this engine: install it, or use --engine localstack.")
    if subprocess.run([program, "info"], capture_output=True).returncode != 0:
        raise Problem("No Docker engine answers: start it, or use --engine localstack, which needs none.")
    return program


def _program(name: str, need: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Problem(need)
    return found


def require_free(port: int) -> None:
    with socket.socket() as probe:
        # As servers do: a port that only waits for old connections to pass away is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise Problem(f"Port {port} is taken: stop what listens there, or choose another with --port.") from None


def require_loopback(pids: list[int]) -> None:
    """Whatever these processes and their children listen on, other machines must not get to. Linux only."""
    bad = [address for address in sockets.listening(pids) if not address.is_loopback]
    if bad:
        raise Problem(f"Something listens where other machines get to ({bad[0]}): not started. Please report this.")
