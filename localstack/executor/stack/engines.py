"""What LocalStack runs on: plain processes, or Docker."""

import os
import platform
import re
import secrets
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

from sheaf_executor.settings import Credentials
from stack import tools
from stack.children import Child
from stack.places import EXECUTOR, ROOT, STATE
from stack.problem import Problem
from stack.state import Site, Stack

# As localstack/servers names the one catalog that it has.
_CATALOG_ARN = "arn:aws:rds:us-east-1:000000000000:cluster:local"
_SECONDS_TO_START = 90.0


class Processes:
    """LocalStack from PyPI, with our executor, and the catalog beside it. A context manager.

    sites  how many there are to be; each has a database of a role of its own
    """

    def __init__(self, port: int, sites: int) -> None:
        tools.require_free(port)
        self._port = port
        self._java = tools.java()
        self._credentials = Credentials.draw()
        self._secret_arns = {_name(number): _draw_secret_arn() for number in range(sites)}
        self._children: list[Child] = []

    def __enter__(self) -> Stack:
        try:
            catalogs = self._start_catalog()
            endpoint = self._start_localstack()
            tools.require_loopback([child.pid for child in self._children])
            sites = [Site(name, _context(name, catalogs[name], arn)) for name, arn in self._secret_arns.items()]
            return Stack("localstack", endpoint, sites, credentials=self._credentials.of_a_client())
        except BaseException:
            self._stop()
            raise

    def __exit__(self, kind: type | None, failure: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()

    def ended(self) -> bool:
        """Whether one of the processes ended by itself."""
        return not all(child.running() for child in self._children)

    def _start_catalog(self) -> dict[str, str]:
        """Where the Data API of each site answers."""
        command = [
            str(self._java),
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx256m",
            "-cp",
            os.pathsep.join(map(str, _catalog_jars())),
            "dev.sheaf.localstack.servers.CatalogMain",
        ]
        first, *others = self._secret_arns.items()
        variables = {
            **self._credentials.of_a_client(),
            "SHEAF_CATALOG_SECRET_ARN": first[1],
            "SHEAF_CATALOG_SITES": ",".join(f"{name}={arn}" for name, arn in others),
        }
        child = self._child("The catalog", command, "catalog.log", variables)
        child.wait_until(lambda: len(_endpoints(child.log())) > len(others), _SECONDS_TO_START)
        return dict(zip(self._secret_arns, _endpoints(child.log()), strict=True))

    def _start_localstack(self) -> str:
        endpoint = f"http://127.0.0.1:{self._port}"
        command = [sys.executable, "-m", "sheaf_executor"]
        child = self._child("LocalStack", command, "localstack.log", self._localstack_variables())
        child.wait_until(lambda: _answers(f"{endpoint}/_localstack/health"), _SECONDS_TO_START)
        return endpoint

    def _localstack_variables(self) -> dict[str, str]:
        scratch = STATE / "tmp"
        scratch.mkdir(parents=True, exist_ok=True)
        return {
            "GATEWAY_LISTEN": f"127.0.0.1:{self._port}",
            "LOCALSTACK_HOST": f"127.0.0.1:{self._port}",
            # URLs by path, on loopback: no name server is needed.
            "SQS_ENDPOINT_STRATEGY": "path",
            "DNS_ADDRESS": "0",
            # Nothing is sent or fetched.
            "DISABLE_EVENTS": "1",
            "SKIP_SSL_CERT_DOWNLOAD": "1",
            # Presigned URLs are checked, as AWS does.
            "S3_SKIP_SIGNATURE_VALIDATION": "0",
            "CFN_IGNORE_UNSUPPORTED_RESOURCE_TYPES": "1",
            "FILESYSTEM_ROOT": str(STATE / "files"),
            "TMPDIR": str(scratch),
            "LAMBDA_RUNTIME_EXECUTOR": "sheaf-jvm",
            **self._credentials.variables(),
            **executor_variables(),
        }

    def _child(self, name: str, command: list[str], log: str, variables: dict[str, str]) -> Child:
        child = Child(name, command, STATE / log, variables)
        self._children.append(child)
        return child

    def _stop(self) -> None:
        for child in reversed(self._children):
            child.stop()


def executor_variables() -> dict[str, str]:
    """What our executor reads from LocalStack's environment."""
    return {
        "LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT": "60",
        "SHEAF_EXECUTOR_JAVA": str(tools.java()),
        "SHEAF_EXECUTOR_RUNTIME_JARS": str(EXECUTOR / "target/runtime"),
        "SHEAF_EXECUTOR_WORK": str(STATE / "executor"),
    }


class Containers:
    """LocalStack and the catalog as compose.yaml has them. A context manager."""

    def __init__(self, port: int, sites: int) -> None:
        if sites > 1:
            raise Problem("Several sites run with --engine localstack, or without --engine: not in containers.")
        tools.require_free(port)
        self._port = port
        self._docker = tools.docker()
        self._secret_arn = _draw_secret_arn()
        self._passwords = [secrets.token_urlsafe(24) for _ in range(2)]

    def __enter__(self) -> Stack:
        try:
            self._gather_jars()
            self._compose("up", "--detach", "--wait")
            endpoint = f"http://127.0.0.1:{self._port}"
            if not _answers(f"{endpoint}/_localstack/health"):
                raise Problem("LocalStack's container runs but does not answer: see `docker logs sheaf-localstack-1`.")
            context = _context(_name(0), "http://catalog:4510", self._secret_arn)
            return Stack("docker", endpoint, [Site(_name(0), context)])
        except BaseException:
            self._compose("down", "--volumes")
            raise

    def __exit__(self, kind: type | None, failure: BaseException | None, trace: TracebackType | None) -> None:
        self._compose("down", "--volumes")

    def ended(self) -> bool:
        return not _answers(f"http://127.0.0.1:{self._port}/_localstack/health")

    def _gather_jars(self) -> None:
        """The catalog's container sees one folder, not the repository of Maven."""
        jars = STATE / "catalog-jars"
        shutil.rmtree(jars, ignore_errors=True)
        jars.mkdir(parents=True)
        for jar in _catalog_jars():
            shutil.copy(jar, jars)

    def _compose(self, *arguments: str) -> None:
        command = [self._docker, "compose", "--file", str(EXECUTOR / "compose.yaml"), *arguments]
        variables = {
            "SHEAF_PORT": str(self._port),
            "SHEAF_CATALOG_JARS": str(STATE / "catalog-jars"),
            "SHEAF_CATALOG_SECRET_ARN": self._secret_arn,
            "SHEAF_POSTGRES_PASSWORD": self._passwords[0],
            "SHEAF_FUNCTIONS_PASSWORD": self._passwords[1],
        }
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **variables})
        if done.returncode != 0:
            raise Problem(f"`docker compose {arguments[0]}` failed: {done.stderr.strip()[-2000:]}")


def _catalog_jars() -> list[Path]:
    servers = ROOT / "localstack/servers/target"
    libraries = (servers / "classpath").read_text().strip().split(os.pathsep)
    return [*servers.glob("sheaf-servers-*.jar"), *map(Path, libraries)]


def _draw_secret_arn() -> str:
    return f"arn:aws:secretsmanager:us-east-1:000000000000:secret:local-{secrets.token_urlsafe(18)}"


def _name(number: int) -> str:
    """Of a site, by its number from 0."""
    return f"site{number + 1}" if number else "main"


def _endpoints(log: str) -> list[str]:
    return re.findall(r"^endpoint (http://\S+)$", log, re.MULTILINE)


def _context(name: str, catalog: str, secret_arn: str) -> dict[str, str]:
    machine = "x86_64" if platform.machine().lower() in ("x86_64", "amd64") else "arm64"
    is_first = name == _name(0)
    return {
        "site": name,
        # As localstack/servers names the databases of sites.
        "catalogDatabase": "sheaf" if is_first else f"sheaf_{name}",
        # A setting of the account, which the first one makes.
        "accountLogRole": "true" if is_first else "false",
        "catalogArn": _CATALOG_ARN,
        "catalogRoleSecretArn": secret_arn,
        "catalogEndpoint": catalog,
        "architecture": machine,
        "retain": "false",
        # The shortest that EventBridge knows: whoever tries things out does not want to wait.
        "compactionEveryMinutes": "1",
    }


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False
