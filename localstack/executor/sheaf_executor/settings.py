"""What the executor reads from LocalStack's own environment."""

import dataclasses
import os
import secrets
from collections.abc import Mapping
from pathlib import Path


class SettingsError(Exception):
    """A setting is missing or wrong; the message says which and what to set."""


@dataclasses.dataclass(frozen=True)
class Credentials:
    """What every request to LocalStack is signed with: drawn when the stack starts, by whoever starts it."""

    access_key_id: str
    secret_access_key: str = dataclasses.field(repr=False)

    @staticmethod
    def draw() -> "Credentials":
        return Credentials(f"SHEAF{secrets.token_hex(7).upper()}", secrets.token_urlsafe(30))

    @staticmethod
    def read(environment: Mapping[str, str] = os.environ) -> "Credentials":
        names = ("SHEAF_EXECUTOR_ACCESS_KEY_ID", "SHEAF_EXECUTOR_SECRET_ACCESS_KEY")
        for name in names:
            if not environment.get(name):
                raise SettingsError(f"{name} is not set; localstack/up draws it.")
        return Credentials(*(environment[name] for name in names))

    def variables(self) -> dict[str, str]:
        """For LocalStack's environment, read by `read`."""
        return {
            "SHEAF_EXECUTOR_ACCESS_KEY_ID": self.access_key_id,
            "SHEAF_EXECUTOR_SECRET_ACCESS_KEY": self.secret_access_key,
        }

    def of_a_client(self) -> dict[str, str]:
        """Under the names that every AWS client knows."""
        return {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}


@dataclasses.dataclass(frozen=True)
class Settings:
    """Where the JDK and the runtime interface client are, and how functions are run.

    java             the `java` program (JDK 25, as the Lambda runtime java25)
    runtime_jars     the runtime interface client and what it needs, fetched by Maven
    work             folder for code, logs and caches; it outlives LocalStack
    startups         how many JVMs may start at once: more than there are cores only slows all down
    startup_seconds  longest initialisation, as LocalStack's own limit
    aot              whether a new code version is trained for an AOT cache
    """

    java: Path
    runtime_jars: tuple[Path, ...]
    work: Path
    startups: int
    startup_seconds: float
    aot: bool

    @staticmethod
    def read(environment: Mapping[str, str] = os.environ) -> "Settings":
        # Resolved: a link in /usr/bin says nothing of the JDK behind it.
        java = _path(environment, "SHEAF_EXECUTOR_JAVA", "the `java` of a JDK 25").resolve()
        if not java.is_file():
            raise SettingsError(f"SHEAF_EXECUTOR_JAVA: there is no {java}; give the `java` of a JDK 25.")
        folder = _path(environment, "SHEAF_EXECUTOR_RUNTIME_JARS", "the folder with the runtime interface client")
        jars = tuple(sorted(folder.glob("*.jar")))
        if not any(jar.name.startswith("aws-lambda-java-runtime-interface-client") for jar in jars):
            raise SettingsError(
                f"SHEAF_EXECUTOR_RUNTIME_JARS: no runtime interface client in {folder}; localstack/up puts it there."
            )
        return Settings(
            java=java,
            runtime_jars=jars,
            work=_path(environment, "SHEAF_EXECUTOR_WORK", "a folder for code, logs and caches"),
            startups=_positive(environment, "SHEAF_EXECUTOR_STARTUPS", os.cpu_count() or 1),
            startup_seconds=_positive(environment, "LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT", 20),
            aot=environment.get("SHEAF_EXECUTOR_AOT", "1") == "1",
        )


def _path(environment: Mapping[str, str], name: str, what: str) -> Path:
    value = environment.get(name)
    if not value:
        raise SettingsError(f"{name} is not set; set it to {what}.")
    return Path(value)


def _positive(environment: Mapping[str, str], name: str, fallback: int) -> int:
    value = environment.get(name)
    if value is None or value == "":
        return fallback
    if not value.isdigit() or int(value) == 0:
        raise SettingsError(f"{name}: {value!r} is not a whole number above 0.")
    return int(value)
