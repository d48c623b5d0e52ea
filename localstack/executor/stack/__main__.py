"""python -m stack up|deploy|coldstart: called by the scripts of these names."""

import argparse
import dataclasses
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from stack import build, code, coldstart, site, tools
from stack.engines import Containers, Processes
from stack.places import STATE
from stack.problem import Problem
from stack.state import Site, Stack, only_one

ENGINES = {"localstack": Processes, "docker": Containers}
MOST_SITES = 4


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="localstack")
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("up")
    start.add_argument("--engine", choices=ENGINES, default="localstack")
    start.add_argument("--port", type=int, default=4566)
    start.add_argument("--sites", type=int, choices=range(1, MOST_SITES + 1), default=1, help="one another's peers")
    start.add_argument("--json", action="store_true", help="one line of JSON says what runs, and nothing else")
    start.add_argument("--with-parent", action="store_true", help="stop when the process that started this ends")
    deployment = commands.add_parser("deploy")
    for command in (start, deployment):
        command.add_argument("--built", action="store_true", help="everything is built: do not start Maven")
    cold = commands.add_parser("coldstart")
    cold.add_argument("--runs", type=int, default=20)
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if options.command == "up":
            with only_one():
                up(ENGINES[options.engine], options)
        elif options.command == "deploy":
            deploy(options)
        else:
            coldstart.measure(options.runs)
        return 0
    except Problem as e:
        print(e, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def up(kind: type[Processes] | type[Containers], options: argparse.Namespace) -> None:
    began = time.monotonic()
    parent = os.getppid() if options.with_parent else None
    # What is missing is said before the build, which takes a while.
    tools.node()
    engine = kind(options.port, options.sites)
    with step("build"):
        _make(options)
        build.install_cdk()
    with step("start"):
        stack = engine.__enter__()
    try:
        with step("cdk bootstrap"):
            site.bootstrap(stack)
        with step("cdk deploy"):
            sites = [site.deploy(stack, each) for each in site.peered(stack)]
        sites = [
            dataclasses.replace(each, environment=site.environment(stack, each)) for each in site.let_in(stack, sites)
        ]
        stack = dataclasses.replace(stack, sites=sites, sources=build.stack_digest())
        stack.save()
        print(_line(stack) if options.json else _ready(stack, time.monotonic() - began), flush=True)
        _wait(engine, parent)
    finally:
        Stack.forget()
        engine.__exit__(None, None, None)


def deploy(options: argparse.Namespace) -> None:
    """Builds what changed and puts it into the functions of the stack that runs."""
    began = time.monotonic()
    stack = Stack.running()
    with step("build"):
        _make(options)
    if stack.sources != build.stack_digest():
        raise Problem("infra/ changed since the stack was deployed: stop it and start it anew.")
    changed = [
        (functions, name, archive)
        for functions in (code.Functions(stack, each) for each in stack.sites)
        for name, archive in functions.archives().items()
        if functions.is_other(name, archive)
    ]
    if changed:
        with step("deploy"), ThreadPoolExecutor() as pool:
            list(pool.map(lambda each: each[0].replace(*each[1:]), changed))
    names = sorted({name for _, name, _ in changed})
    print(f"Deployed {', '.join(names) or 'nothing, as no code changed,'} in {time.monotonic() - began:.0f} s.")


def _make(options: argparse.Namespace) -> None:
    build.require() if options.built else build.build()


@contextmanager
def step(name: str) -> Iterator[None]:
    """On standard error, for results go to the other."""
    print(f"{name} ... ", end="", file=sys.stderr, flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", file=sys.stderr, flush=True)
        raise
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def _ready(stack: Stack, seconds: float) -> str:
    sites = "\n".join(_description(each) for each in stack.sites)
    return f"""
Sheaf on LocalStack, ready after {seconds:.0f} s. Ctrl-C stops it.

{sites}
  S3, SQS  {stack.endpoint}
           {" ".join(f"{name}={value}" for name, value in stack.credentials.items())}
  logs     {STATE}
"""


def _description(of: Site) -> str:
    return f"""\
  export SHEAF_URL={of.url} SHEAF_TOKEN={of.tokens["local"]}

  bucket   {of.outputs["Bucket"]}
  queue    {of.outputs["UploadsQueue"]}
"""


def _line(stack: Stack) -> str:
    """For scripts."""
    sites = [
        {
            "name": each.name,
            "url": each.url,
            "token": each.tokens["local"],
            "bucket": each.outputs["Bucket"],
            "environment": each.environment,
        }
        for each in stack.sites
    ]
    return json.dumps({"endpoint": stack.endpoint, "sites": sites})


def _wait(engine: Processes | Containers, parent: int | None) -> None:
    while not engine.ended():
        if parent is not None and os.getppid() != parent:
            return
        time.sleep(1)
    raise Problem(f"LocalStack or the catalog ended by itself; see the logs in {STATE}.")


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
