"""Measures cold starts in the process executor: from no process at all to the first answer.

Each function of the running stack is started as LocalStack starts it, with its own variables, and gets
one real event; then the process is ended. Half of the runs go without the ahead-of-time cache.
"""

import dataclasses
import json
import statistics
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from sheaf_executor.aot import AotCaches
from sheaf_executor.environment import Environment
from sheaf_executor.jvm import Launch
from sheaf_executor.runtime_api import Invocation
from sheaf_executor.settings import Settings

from stack import build, code, site
from stack.engines import executor_variables
from stack.places import STATE
from stack.problem import Problem
from stack.state import Stack


@dataclasses.dataclass(frozen=True)
class Case:
    """One function with one event; `accepts` tells whether an answer is the wanted one."""

    function: str
    what: str
    event: dict
    accepts: Callable[[dict], bool]


@dataclasses.dataclass(frozen=True)
class Figures:
    """Milliseconds of each run: until the function was initialised, and until its first answer."""

    initialised: list[float]
    answered: list[float]

    def line(self) -> str:
        return (
            f"init p50 {statistics.median(self.initialised):4.0f} ms, first answer p50 "
            f"{statistics.median(self.answered):4.0f} ms (from {min(self.answered):.0f} to {max(self.answered):.0f})"
        )


def measure(runs: int) -> None:
    stack = Stack.running()
    settings = Settings.read(executor_variables())
    cached = AotCaches(settings)
    functions = code.Functions(stack, stack.sites[0])
    for case in _cases(stack):
        launch, variables, digest = _deployed(settings, functions, case.function)
        with_cache = cached.launch(launch, digest)
        if with_cache == launch:
            raise Problem(f"There is no AOT cache of {case.function}; see {STATE / 'localstack.log'} for the reason.")
        for label, start in (("AOT cache", with_cache), ("no cache", launch)):
            figures = _runs(settings, case, start, variables, runs)
            print(f"{case.function:13} {case.what:22} {label:10} {figures.line()}", flush=True)


def _deployed(settings: Settings, functions: code.Functions, name: str) -> tuple[Launch, dict, str]:
    deployed = functions.configuration(name)
    archive = build.ARCHIVES[name]
    if functions.is_other(name, archive):
        raise Problem(f"{archive} is not what runs: localstack/deploy first.")
    unpacked = STATE / "coldstart" / name
    code.unpack(archive, unpacked)
    launch = Launch(settings.java, unpacked, settings.runtime_jars, deployed["Handler"], deployed["MemorySize"])
    variables = {
        **deployed["Environment"]["Variables"],
        "AWS_REGION": site.REGION,
        "AWS_ENDPOINT_URL": functions.stack.endpoint,
        **functions.stack.credentials,
        "AWS_LAMBDA_FUNCTION_NAME": deployed["FunctionName"],
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": deployed["MemorySize"],
    }
    return launch, variables, deployed["CodeSha256"]


def _runs(settings: Settings, case: Case, launch: Launch, variables: dict, runs: int) -> Figures:
    figures = Figures([], [])
    for _ in range(runs):
        home = STATE / "coldstart" / uuid.uuid4().hex
        environment = Environment(launch, variables, 60, settings.startup_seconds, threading.Semaphore(1), home)
        began = time.perf_counter()
        try:
            environment.start()
            figures.initialised.append((time.perf_counter() - began) * 1000)
            answer = environment.invoke(_invocation(case)).answer
            figures.answered.append((time.perf_counter() - began) * 1000)
            if answer.is_error or not case.accepts(json.loads(answer.payload)):
                raise Problem(f"{case.function} answered {answer.payload.decode(errors='replace')[:500]}")
        finally:
            environment.stop()
    return figures


def _invocation(case: Case) -> Invocation:
    return Invocation(
        request_id=str(uuid.uuid4()),
        function_arn=f"arn:aws:lambda:{site.REGION}:{site.ACCOUNT}:function:{case.function}:live",
        trace_id="Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0",
        payload=json.dumps(case.event).encode(),
        deadline_ms=int((time.time() + 60) * 1000),
    )


def _cases(stack: Stack) -> list[Case]:
    repo = f"coldstart/{uuid.uuid4().hex[:8]}"
    token = stack.sites[0].tokens["local"]
    # A repository that does not exist: both the catalog and the tokens are asked for it.
    refs = _request(f"/{repo}/refs", token)
    return [
        Case("api", "GET /health_check", _request("/health_check", token), lambda answer: answer["statusCode"] == 200),
        Case("api", "GET …/refs", refs, lambda answer: answer["statusCode"] == 404),
        Case("bundle-index", "wake-up of a lane", _message(repo), lambda answer: answer["batchItemFailures"] == []),
        Case("compaction", "schedule", _event("schedule-compaction.json"), lambda answer: isinstance(answer, dict)),
        Case("repair", "schedule", _event("schedule-repair.json"), lambda answer: "outcome" in answer),
    ]


def _request(path: str, token: str) -> dict:
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": "GET",
        "headers": {"Authorization": f"Bearer {token}", "Accept": "application/json"},
        "multiValueHeaders": {"Authorization": [f"Bearer {token}"], "Accept": ["application/json"]},
        "requestContext": {"requestId": str(uuid.uuid4()), "stage": "live"},
        "isBase64Encoded": False,
    }


def _message(repo: str) -> dict:
    return {
        "Records": [
            {
                "messageId": str(uuid.uuid4()),
                "body": json.dumps({"sheaf": "wake-up", "repo_id": repo}),
                "attributes": {"ApproximateReceiveCount": "1"},
                "eventSource": "aws:sqs",
                "awsRegion": site.REGION,
            }
        ]
    }


def _event(name: str) -> dict:
    return json.loads((Path(__file__).resolve().parents[3] / "events" / name).read_text())
