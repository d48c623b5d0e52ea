"""LocalStack's abstract executor, told in terms of an Environment."""

import functools
import logging
import threading
import time

from localstack import config
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import LambdaRuntimeException, RuntimeExecutor

from sheaf_executor.aot import AotCaches
from sheaf_executor.environment import Environment
from sheaf_executor.jvm import Launch
from sheaf_executor.runtime_api import InitializationFailed, Invocation
from sheaf_executor.settings import Credentials, Settings, SettingsError

LOG = logging.getLogger(__name__)


@functools.cache
def settings() -> Settings:
    return Settings.read()


@functools.cache
def startups() -> threading.Semaphore:
    return threading.Semaphore(settings().startups)


@functools.cache
def caches() -> AotCaches:
    return AotCaches(settings())


class JvmRuntimeExecutor(RuntimeExecutor):
    """One execution environment. LocalStack calls it from one thread at a time, except for `stop`."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        super().__init__(id, function_version)
        self._environment: Environment | None = None

    def start(self, env_vars: dict[str, str]) -> None:
        function = self.function_version.config
        self._environment = Environment(
            launch=caches().launch(_launch(self.function_version), function.code.code_sha256),
            variables=env_vars | _credentials(),
            timeout_seconds=function.timeout,
            startup_seconds=settings().startup_seconds,
            startups=startups(),
            home=settings().work / "environments" / self.id,
        )
        try:
            self._environment.start()
        except InitializationFailed as e:
            LOG.warning("%s failed to initialise: %s", self.function_version.qualified_arn, e)
            raise StatusErrorException("Environment startup failed", payload=e.payload) from e

    def stop(self) -> None:
        if self._environment is not None:
            self._environment.stop()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        if self._environment is None:
            raise LambdaRuntimeException(f"Environment {self.id} was not started.")
        outcome = self._environment.invoke(
            Invocation(
                request_id=payload["invoke-id"],
                function_arn=payload["invoked-function-arn"],
                trace_id=payload["trace-id"],
                payload=payload["payload"].encode(),
                deadline_ms=int((time.time() + self.function_version.config.timeout) * 1000),
            )
        )
        answer = outcome.answer
        return InvocationResult(payload["invoke-id"], answer.payload, is_error=answer.is_error, logs=outcome.logs)

    def get_logs(self) -> str:
        return self._environment.logs() if self._environment else ""

    def get_address(self) -> str:
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """LocalStack's own callback for its containers; our JVMs call their own Runtime API instead."""
        return f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}/_localstack_lambda/{self.id}"

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        function_version.config.code.prepare_for_execution()
        caches().prepare(
            _launch(function_version), function_version.config.code.code_sha256, _training_variables(function_version)
        )

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Nothing to do: code is LocalStack's, and a cache is keyed by content and may serve again."""

    @classmethod
    def validate_environment(cls) -> bool:
        try:
            settings()
        except SettingsError as e:
            LOG.error("Functions cannot be run: %s", e)
            return False
        return True


def _launch(version: FunctionVersion) -> Launch:
    function = version.config
    return Launch(
        java=settings().java,
        code=function.code.get_unzipped_code_location(),
        runtime_jars=settings().runtime_jars,
        handler=function.handler,
        memory_mb=function.memory_size,
    )


@functools.cache
def _credentials() -> dict[str, str]:
    """The stack's own, with which the catalog and presigned URLs are checked: of an assumed role only LocalStack knows."""
    return {**Credentials.read().of_a_client(), "AWS_SESSION_TOKEN": ""}


def _training_variables(version: FunctionVersion) -> dict[str, object]:
    """What an initialisation reads; there is no role to assume yet, and it needs none."""
    return {
        "AWS_REGION": version.id.region,
        "AWS_ACCESS_KEY_ID": "training",
        "AWS_SECRET_ACCESS_KEY": "training",
        "AWS_LAMBDA_FUNCTION_NAME": version.id.function_name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": version.config.memory_size,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}",
        **(version.config.environment or {}),
    }
