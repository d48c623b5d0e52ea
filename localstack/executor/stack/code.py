"""Puts changed code into the functions of a running stack.

Not by `cdk deploy`: LocalStack's CloudFormation cannot update an alias in place, so the alias, and all
that refers to it, would be lost. What happens here is what CloudFormation does on AWS: new code, a
version of it, the alias moved to that version.
"""

import base64
import hashlib
import shutil
import zipfile
from pathlib import Path

from botocore.exceptions import WaiterError

from stack import build, site
from stack.problem import Problem
from stack.state import Site, Stack

_ALIAS = "live"


class Functions:
    """Those of one site."""

    def __init__(self, stack: Stack, of: Site) -> None:
        self.stack = stack
        self._site = of
        self._lambda = site.aws(stack, "lambda")

    def archives(self) -> dict[str, Path]:
        """Of the functions that the site has: peer-sync is for those with peers."""
        return {
            name: archive
            for name, archive in build.ARCHIVES.items()
            if name != "peer-sync" or "PeerTokensSecret" in self._site.outputs
        }

    def configuration(self, name: str) -> dict:
        """Of the version that callers get."""
        function = self._deployed(name)
        version = self._lambda.get_alias(FunctionName=function, Name=_ALIAS)["FunctionVersion"]
        return self._lambda.get_function_configuration(FunctionName=function, Qualifier=version)

    def is_other(self, name: str, archive: Path) -> bool:
        """Whether another archive than this one runs. Archives are reproducible, so this tells the truth."""
        digest = hashlib.sha256(archive.read_bytes()).digest()
        return self.configuration(name)["CodeSha256"] != base64.b64encode(digest).decode()

    def replace(self, name: str, archive: Path) -> None:
        """Returns once calls go to the new code; those under way end on the old."""
        function = self._deployed(name)
        try:
            self._lambda.update_function_code(FunctionName=function, ZipFile=archive.read_bytes())
            self._wait("function_updated_v2", function)
            version = self._lambda.publish_version(FunctionName=function)["Version"]
            self._wait("function_active_v2", f"{function}:{version}")
        except WaiterError as e:
            raise Problem(f"{function} did not take its new code: {e}.") from e
        self._lambda.update_alias(FunctionName=function, Name=_ALIAS, FunctionVersion=version)

    def _deployed(self, name: str) -> str:
        return f"{self._site.stack}-{name}"

    def _wait(self, condition: str, function: str) -> None:
        waiter = self._lambda.get_waiter(condition)
        waiter.config.delay = 1
        waiter.config.max_attempts = 120
        waiter.wait(FunctionName=function)


def unpack(archive: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(folder)
