"""LocalStack's gateway, for the programs on this machine that know what the stack drew at its start.

LocalStack itself listens on every interface, whatever host GATEWAY_LISTEN names, and takes requests
from whoever comes, code to run included.
"""

import functools
import logging
import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sheaf_executor.settings import Credentials
from sheaf_executor.signature import Denied, Request, require_signed

LOG = logging.getLogger(__name__)
LOOPBACK = "127.0.0.1"
_NAMES = {"127.0.0.1", "localhost", "::1"}
# The API has tokens of its own; the other tells that LocalStack has started, and nothing else.
_OPEN = ("/_aws/execute-api/", "/_localstack/health")


def draw_internal_secret(secret: str) -> None:
    """LocalStack signs its own calls with a constant that anybody can read. Call before it is imported."""
    from localstack import constants

    constants.INTERNAL_AWS_SECRET_ACCESS_KEY = secret


def close(credentials: Credentials) -> None:
    """Makes the gateway that is about to start listen on loopback and check who asks."""
    _listen_on_loopback()
    _sign_presigned_urls_with(credentials)
    _take_any_type_for_bytes()
    _call_apis_by_their_names()
    _guard(credentials)


def _listen_on_loopback() -> None:
    from localstack.aws.serving import twisted

    endpoint = twisted.endpoints.TCP4ServerEndpoint
    twisted.endpoints.TCP4ServerEndpoint = functools.partial(endpoint, interface=LOOPBACK)


def _sign_presigned_urls_with(credentials: Credentials) -> None:
    """S3 checks presigned URLs, with a constant for every access key that IAM did not give out."""
    from localstack.services.s3 import presigned_url

    presigned_url.DEFAULT_PRE_SIGNED_SECRET_ACCESS_KEY = credentials.secret_access_key


def _take_any_type_for_bytes() -> None:
    """In API Gateway `*/*` among the binary media types stands for any, and for none accepted; LocalStack skips it."""
    from localstack.services.apigateway.next_gen.execute_api.integrations import aws

    matches = aws.mime_type_matches_binary_media_types

    def matches_any_too(mime_type: str | None, binary_media_types: list[str]) -> bool:
        return "*/*" in (binary_media_types or []) or matches(mime_type, binary_media_types)

    aws.mime_type_matches_binary_media_types = matches_any_too


def _call_apis_by_their_names() -> None:
    """The id of an API, part of its URL, is drawn; peers have to know a site's URL before it is deployed."""
    from moto.apigateway.models import APIGatewayBackend

    create = APIGatewayBackend.create_rest_api

    @functools.wraps(create)
    def create_named(self, name, *args, **kwargs):
        api = create(self, name, *args, **kwargs)
        if re.fullmatch(r"[a-z0-9-]+", name) and name not in self.apis:
            del self.apis[api.id]
            api.id = name
            self.apis[name] = api
        return api

    APIGatewayBackend.create_rest_api = create_named


def _guard(credentials: Credentials) -> None:
    from localstack.aws.app import LocalstackAwsGateway

    prepare = LocalstackAwsGateway.__init__

    @functools.wraps(prepare)
    def with_guard(self, *args, **kwargs) -> None:
        prepare(self, *args, **kwargs)
        self.request_handlers.insert(0, Guard(credentials))

    LocalstackAwsGateway.__init__ = with_guard


class Guard:
    """The first handler of LocalStack's chain."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def __call__(self, chain, context, response) -> None:
        try:
            self._require_admitted(context.request)
        except Denied as e:
            LOG.info("Refused %s %s: %s", context.request.method, context.request.path, e)
            response.status_code = 403
            response.set_json({"__type": "AccessDeniedException", "message": str(e)})
            chain.terminate()

    def _require_admitted(self, request) -> None:
        require_of_this_machine(request.headers.get("Host", ""), request.headers.get("Origin"))
        if request.path.startswith(_OPEN):
            return
        require_signed(
            Request(
                method=request.method,
                path=_raw_path(request),
                query=request.query_string.decode("latin-1"),
                headers={name.lower(): ",".join(request.headers.getlist(name)) for name in request.headers.keys()},
                body=request.get_data,
            ),
            self._secret_of,
            datetime.now(UTC),
        )

    def _secret_of(self, access_key_id: str) -> str | None:
        from localstack import constants

        if access_key_id == self._credentials.access_key_id:
            return self._credentials.secret_access_key
        # In its own calls LocalStack names itself, or the account that it acts for.
        if access_key_id == constants.INTERNAL_AWS_ACCESS_KEY_ID or re.fullmatch(r"\d{12}", access_key_id):
            return constants.INTERNAL_AWS_SECRET_ACCESS_KEY
        return _secret_of_session(access_key_id)


def require_of_this_machine(host: str, origin: str | None) -> None:
    """A page of another site bears its Origin; a name that somebody pointed at this machine is the Host."""
    if urlsplit(f"//{host}").hostname not in _NAMES:
        raise Denied("Host is none of this machine's own names: ask 127.0.0.1")
    if origin is not None and urlsplit(origin).hostname not in _NAMES:
        raise Denied("not for pages of another site (Origin)")


def _raw_path(request) -> str:
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.path
    return urlsplit(raw).path if raw.startswith(("http:", "https:")) else raw.split("?", 1)[0]


def _secret_of_session(access_key_id: str) -> str | None:
    """Of a role that somebody has assumed who was admitted."""
    from moto.sts.models import sts_backends

    for account in list(sts_backends.values()):
        for backend in list(account.values()):
            for role in list(backend.assumed_roles):
                if role.access_key_id == access_key_id:
                    return role.secret_access_key
    return None
