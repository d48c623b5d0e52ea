"""Deploys sites with the CDK, just as to AWS, and puts first tokens into them."""

import dataclasses
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
from stack.state import REGION, Site, Stack

ACCOUNT = "000000000000"


def bootstrap(stack: Stack) -> None:
    """Once for each LocalStack: it forgets everything when it stops."""
    # Elsewhere than beside cdk.json: the command would synthesize the app for nothing.
    folder = STATE / "bootstrap"
    folder.mkdir(parents=True, exist_ok=True)
    _cdk(stack, ["bootstrap", f"aws://{ACCOUNT}/{REGION}"], folder)


def peered(stack: Stack) -> list[Site]:
    """The sites, each told of the others. Our LocalStack calls an API by its name, so that URLs are known before."""
    if len(stack.sites) == 1:
        return stack.sites
    urls = {site.name: _url(stack.endpoint, f"{site.stack}-api") for site in stack.sites}
    return [
        dataclasses.replace(
            site,
            context=site.context
            | {
                "self": urls[site.name],
                "peers": ",".join(url for name, url in urls.items() if name != site.name),
                # Fewer than there are sites, so that something is to be placed.
                "replication": "2",
            },
        )
        for site in stack.sites
    ]


def deploy(stack: Stack, site: Site) -> Site:
    """Returns the site with its outputs and its URL."""
    outputs = STATE / "outputs.json"
    # It keeps a copy of every archive that there ever was.
    shutil.rmtree(INFRA / "target/cdk.out", ignore_errors=True)
    context = [argument for name, value in site.context.items() for argument in ("-c", f"sheaf:{name}={value}")]
    _cdk(stack, ["deploy", "--require-approval", "never", "--outputs-file", str(outputs), *context], INFRA)
    known = json.loads(outputs.read_text())[site.stack]
    return dataclasses.replace(site, outputs=known, url=api_url(stack.endpoint, known))


def api_url(endpoint: str, outputs: dict[str, str]) -> str:
    """The API's address by path: its own name needs a name server that knows LocalStack."""
    api = re.match(r"https?://([a-z0-9-]+)\.", outputs["ApiUrl"])
    if api is None:
        raise Problem(f"The stack's ApiUrl is not as LocalStack gives it: {outputs['ApiUrl']}")
    return _url(endpoint, api[1])


def _url(endpoint: str, api: str) -> str:
    return f"{endpoint}/_aws/execute-api/{api}/live"


def let_in(stack: Stack, sites: list[Site]) -> list[Site]:
    """Puts tokens into the secrets of the sites: for whoever uses them, and for each of its peers."""
    shown = {(site.name, peer.name): _draw() for site in sites for peer in sites if peer != site}
    for site in sites:
        if "PeerTokensSecret" in site.outputs:
            tokens = {peer.url: shown[site.name, peer.name] for peer in sites if peer != site}
            _put(stack, site.outputs["PeerTokensSecret"], tokens)
    return [
        dataclasses.replace(
            site,
            tokens=_issue_tokens(
                stack, site, [(peer, shown[peer.name, site.name]) for peer in sites if peer != site]
            ),
        )
        for site in sites
    ]


def _issue_tokens(stack: Stack, site: Site, peers: list[tuple[Site, str]]) -> dict[str, str]:
    """Makes a token for everything, and two that the acceptance suite tries the limits of; stores their hashes."""
    entries = [
        {"name": "local", "scopes": ["admin", "write", "read"], "repos": ["*"]},
        {"name": "reader", "scopes": ["read"], "repos": ["acceptance/*"]},
        {"name": "foreign", "scopes": ["write"], "repos": ["elsewhere/*"]},
    ]
    tokens = {entry["name"]: _draw() for entry in entries}
    for entry in entries:
        entry["sha256"] = _hash(tokens[entry["name"]])
    entries += [
        {"name": peer.name, "scopes": ["peer"], "repos": [], "host": peer.url, "sha256": _hash(token)}
        for peer, token in peers
    ]
    _put(stack, site.outputs["TokensSecret"], entries)
    return tokens


def _draw() -> str:
    return "sheaf_" + secrets.token_urlsafe(32)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _put(stack: Stack, secret: str, value: object) -> None:
    aws(stack, "secretsmanager").put_secret_value(SecretId=secret, SecretString=json.dumps(value))


def environment(stack: Stack, site: Site) -> dict[str, str]:
    """What `sheaf repair` and `sheaf rebuild` take: the variables of the site's own functions."""
    repair = aws(stack, "lambda").get_function_configuration(FunctionName=f"{site.stack}-repair")
    return {
        **repair["Environment"]["Variables"],
        "SHEAF_QUEUE_URL": site.outputs["UploadsQueue"],
        "AWS_ENDPOINT_URL": stack.endpoint,
        "AWS_REGION": REGION,
        **stack.credentials,
    }


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
