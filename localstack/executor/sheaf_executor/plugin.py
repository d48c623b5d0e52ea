"""The entry point; imports nothing heavy, because LocalStack lists all plugins at start."""

from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin


class JvmExecutorPlugin(RuntimeExecutorPlugin):
    name = "sheaf-jvm"

    def load(self, *args, **kwargs):
        from sheaf_executor.executor import JvmRuntimeExecutor

        return JvmRuntimeExecutor
