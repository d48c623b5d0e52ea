"""python -m stack up|deploy: called by localstack/executor/up and localstack/deploy."""

import argparse
import dataclasses
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from stack import build, site, tools
from stack.engines import Containers, Processes
from stack.places import STATE
from stack.problem import Problem
from stack.state import Stack

ENGINES = {"localstack": Processes, "docker": Containers}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="localstack")
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("up")
    start.add_argument("--engine", choices=ENGINES, default="localstack")
    start.add_argument("--port", type=int, default=4566)
    commands.add_parser("deploy")
    commands.add_parser("environment", help="print what clients of the running stack need, as shell exports")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if options.command == "up":
            up(ENGINES[options.engine], options.port)
        elif options.command == "deploy":
            deploy()
        else:
            print(environment(Stack.running()))
        return 0
    except Problem as e:
        print(e, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def up(kind: type[Processes] | type[Containers], port: int) -> None:
    began = time.monotonic()
    tools.require_free(port)
    tools.node()
    with step("build"):
        build.build()
    engine = kind(port)
    with step("start"):
        stack = engine.__enter__()
    try:
        with step("cdk bootstrap"):
            site.bootstrap(stack)
        with step("cdk deploy"):
            outputs = site.deploy(stack)
        token = site.issue_token(stack.endpoint, outputs["TokensSecret"])
        url = site.api_url(stack.endpoint, outputs)
        stack = dataclasses.replace(stack, outputs=outputs, url=url, token=token)
        stack.save()
        print(_ready(stack, time.monotonic() - began), flush=True)
        _wait(engine)
    finally:
        Stack.forget()
        engine.__exit__(None, None, None)


def deploy() -> None:
    """Builds what changed and deploys it to the stack that runs."""
    began = time.monotonic()
    stack = Stack.running()
    tools.node()
    with step("build"):
        build.build()
    with step("cdk deploy"):
        outputs = site.deploy(stack)
    dataclasses.replace(stack, outputs=outputs).save()
    print(f"Deployed in {time.monotonic() - began:.0f} s.")


def environment(stack: Stack) -> str:
    variables = {
        "SHEAF_URL": stack.url,
        "SHEAF_TOKEN": stack.token,
        "SHEAF_BUCKET": stack.outputs["Bucket"],
        "SHEAF_QUEUE_URL": stack.outputs["UploadsQueue"],
        "AWS_ENDPOINT_URL": stack.endpoint,
        "AWS_REGION": site.REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())


@contextmanager
def step(name: str) -> Iterator[None]:
    print(f"{name} ... ", end="", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - began:.0f} s", flush=True)


def _ready(stack: Stack, seconds: float) -> str:
    return f"""
Sheaf on LocalStack, ready after {seconds:.0f} s. Ctrl-C stops it.

  export SHEAF_URL={stack.url} SHEAF_TOKEN={stack.token}

  S3, SQS  {stack.endpoint}
  bucket   {stack.outputs["Bucket"]}
  queue    {stack.outputs["UploadsQueue"]}
  logs     {STATE}
"""


def _wait(engine: Processes) -> None:
    while not engine.ended():
        time.sleep(1)
    raise Problem(f"LocalStack or the catalog ended by itself; see the logs in {STATE}.")


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
