"""Deploys the stack with the CDK, just as to AWS, and puts a first token into it."""

import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
from pathlib import Path

import boto3

from stack.places import INFRA, STATE
from stack.problem import Problem
from stack.state import REGION, Stack

ACCOUNT = "000000000000"
STACK = "sheaf-main"


def bootstrap(stack: Stack) -> None:
    """Once for each LocalStack: it forgets everything when it stops."""
    # Elsewhere than beside cdk.json: the command would synthesize the app for nothing.
    folder = STATE / "bootstrap"
    folder.mkdir(parents=True, exist_ok=True)
    _cdk(stack, ["bootstrap", f"aws://{ACCOUNT}/{REGION}"], folder)


def deploy(stack: Stack) -> dict[str, str]:
    """Returns the outputs of the stack."""
    outputs = STATE / "outputs.json"
    # It keeps a copy of every archive that there ever was.
    shutil.rmtree(INFRA / "target/cdk.out", ignore_errors=True)
    context = [argument for name, value in stack.context.items() for argument in ("-c", f"sheaf:{name}={value}")]
    _cdk(stack, ["deploy", "--require-approval", "never", "--outputs-file", str(outputs), *context], INFRA)
    return json.loads(outputs.read_text())[STACK]


def api_url(endpoint: str, outputs: dict[str, str]) -> str:
    """The API's address by path: its own name needs a name server that knows LocalStack."""
    api = re.match(r"https?://([a-z0-9]+)\.", outputs["ApiUrl"])
    if api is None:
        raise Problem(f"The stack's ApiUrl is not as LocalStack gives it: {outputs['ApiUrl']}")
    return f"{endpoint}/_aws/execute-api/{api[1]}/live"


def issue_tokens(stack: Stack, secret: str) -> dict[str, str]:
    """Makes a token for everything, and two that the acceptance suite tries the limits of; stores their hashes."""
    entries = [
        {"name": "local", "scopes": ["admin", "write", "read"], "repos": ["*"]},
        {"name": "reader", "scopes": ["read"], "repos": ["acceptance/*"]},
        {"name": "foreign", "scopes": ["write"], "repos": ["elsewhere/*"]},
    ]
    tokens = {entry["name"]: "sheaf_" + secrets.token_urlsafe(32) for entry in entries}
    for entry in entries:
        entry["sha256"] = hashlib.sha256(tokens[entry["name"]].encode()).hexdigest()
    aws(stack, "secretsmanager").put_secret_value(SecretId=secret, SecretString=json.dumps(entries))
    return tokens


def aws(stack: Stack, service: str):
    """A client of one service of LocalStack."""
    return boto3.client(
        service,
        endpoint_url=stack.endpoint,
        region_name=REGION,
        aws_access_key_id=stack.credentials["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=stack.credentials["AWS_SECRET_ACCESS_KEY"],
    )


def _cdk(stack: Stack, arguments: list[str], folder: Path) -> None:
    log = STATE / f"cdk-{arguments[0]}.log"
    command = [str(INFRA / "node_modules/.bin/cdk"), *arguments, "--no-notices", "--progress", "events"]
    with log.open("wb") as output:
        done = subprocess.run(command, cwd=folder, stdout=output, stderr=output, env=_environment(stack))
    if done.returncode != 0:
        raise Problem(f"`cdk {arguments[0]}` failed; {log} ends with:\n{log.read_text()[-2000:]}")


def _environment(stack: Stack) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return inherited | {
        "AWS_ENDPOINT_URL": stack.endpoint,
        **stack.credentials,
        "AWS_REGION": REGION,
        "CDK_DISABLE_CLI_TELEMETRY": "1",
        # Its warning of an old Node is for those who deploy to AWS.
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
    }
