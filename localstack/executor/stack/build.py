"""Makes what is missing or older than its sources, with Maven and npm."""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from stack import tools
from stack.places import INFRA, ROOT, STATE
from stack.problem import Problem

FUNCTIONS = ("api", "bundle-index", "compaction", "peer-sync", "repair")
ARCHIVES = {name: ROOT / f"functions/{name}/target/function.zip" for name in FUNCTIONS}
# What a local stack needs besides the functions: the catalog, Lambda's runtime client, the CDK app.
MODULES = ("localstack/servers", "localstack/executor", "infra")
_PRODUCTS = (
    *ARCHIVES.values(),
    ROOT / "localstack/servers/target/classpath",
    ROOT / "localstack/executor/target/runtime",
    INFRA / "target/classpath",
)
# Touched by a build: Maven leaves products alone that would not change.
_STAMP = STATE / "built"


def build() -> None:
    if is_stale([_STAMP, *_PRODUCTS], _STAMP, _sources(ROOT)):
        modules = ",".join([*(f"functions/{name}" for name in FUNCTIONS), *MODULES])
        command = [tools.maven(), "-B", "-q", "-Punchecked", "-pl", modules, "-am", "package"]
        _run(command, "build.log", "The build failed", JAVA_HOME=str(tools.java().parent.parent))
        _STAMP.touch()


def require() -> None:
    """For a caller that has built everything itself."""
    for product in _PRODUCTS:
        if not product.exists():
            raise Problem(f"There is no {product}: build it with `mvn -B -DskipTests package`.")


def install_cdk() -> None:
    if not _cdk_is_installed():
        _run([tools.npm(), "ci", "--prefix", str(INFRA)], "npm.log", "The CDK could not be installed")


def stack_digest() -> str:
    """Of what the deployed stack was made from, without the functions' code."""
    digest = hashlib.sha256()
    for source in sorted(path for path in (INFRA / "src/main").rglob("*") if path.is_file()):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def is_stale(products: Iterable[Path], stamp: Path, sources: Iterable[Path]) -> bool:
    """Whether a product is missing, or a source is newer than the last build (`stamp`)."""
    if not all(product.exists() for product in products):
        return True
    built = stamp.stat().st_mtime
    return any(source.stat().st_mtime > built for source in sources)


def _sources(root: Path) -> Iterator[Path]:
    yield root / "pom.xml"
    yield root / "functions/runtime/archive.xml"
    for pom in (*root.glob("functions/**/pom.xml"), *(root / name / "pom.xml" for name in MODULES)):
        yield pom
        yield from (path for path in (pom.parent / "src/main").rglob("*") if path.is_file())


def _cdk_is_installed() -> bool:
    wanted = json.loads((INFRA / "package.json").read_text())["devDependencies"]["aws-cdk"]
    installed = INFRA / "node_modules/aws-cdk/package.json"
    return installed.is_file() and json.loads(installed.read_text())["version"] == wanted


def _run(command: list[str], log_name: str, failure: str, **variables: str) -> None:
    log = STATE / log_name
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        done = subprocess.run(command, cwd=ROOT, stdout=output, stderr=output, env={**os.environ, **variables})
    if done.returncode != 0:
        raise Problem(f"{failure}; {log} ends with:\n{log.read_text()[-2000:]}")
