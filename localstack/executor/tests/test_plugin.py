"""LocalStack finds the executor and can make one: its class has everything that the abstract one asks for."""

from localstack.services.lambda_.invocation.runtime_executor import EXECUTOR_PLUGIN_MANAGER

from sheaf_executor import executor
from sheaf_executor.executor import JvmRuntimeExecutor


def test_localstack_finds_it():
    assert EXECUTOR_PLUGIN_MANAGER.load("sheaf-jvm").load() is JvmRuntimeExecutor


def test_nothing_is_left_abstract():
    assert JvmRuntimeExecutor("id", function_version=None).get_logs() == ""


def test_a_wrong_environment_is_said_at_start(monkeypatch, caplog):
    monkeypatch.delenv("SHEAF_EXECUTOR_JAVA", raising=False)
    executor.settings.cache_clear()
    assert not JvmRuntimeExecutor.validate_environment()
    assert "SHEAF_EXECUTOR_JAVA is not set" in caplog.text
