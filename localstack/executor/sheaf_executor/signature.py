"""Checks AWS signatures, version 4, in the Authorization header or in a presigned URL.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import dataclasses
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, unquote_to_bytes

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 +Credential=(?P<credential>[^, ]+), *SignedHeaders=(?P<headers>[^, ]+), *"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)
_SKEW = timedelta(minutes=15)


class Denied(Exception):
    """The request is not signed by anybody who is known; the message says why."""


@dataclasses.dataclass(frozen=True)
class Request:
    """What a signature covers.

    path     as it came, escapes and all
    query    as it came, without the question mark
    headers  by lower-case name, several values joined by a comma
    body     asked for only if no header says its digest
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: Callable[[], bytes]


@dataclasses.dataclass(frozen=True)
class _Claim:
    credential: str
    signed_headers: list[str]
    signature: str
    time: str
    expires: timedelta
    query: list[tuple[str, str]]
    digest: str


def require_signed(request: Request, secret_of: Callable[[str], str | None], now: datetime) -> None:
    """Returns if the request was signed lately with the secret of its access key. Raises Denied."""
    claim = _claim(request)
    match claim.credential.split("/"):
        case [key, date, region, service, "aws4_request"]:
            pass
        case _:
            raise Denied("the credential has no scope")
    secret = secret_of(key)
    if secret is None:
        raise Denied(f"access key {key} is not known here: a stack draws its keys when it starts")
    _require_timely(claim, date, now)
    if "host" not in claim.signed_headers:
        raise Denied("the Host header is not signed")
    scope = f"{date}/{region}/{service}/aws4_request"
    canonical = "\n".join(
        [
            request.method,
            _path(request.path, service),
            "&".join(f"{_escape(name)}={_escape(value)}" for name, value in sorted(claim.query)),
            *(f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in claim.signed_headers),
            "",
            ";".join(claim.signed_headers),
            claim.digest,
        ]
    )
    to_sign = "\n".join(["AWS4-HMAC-SHA256", claim.time, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signing_key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        signing_key = _hmac(signing_key, part)
    if not hmac.compare_digest(_hmac(signing_key, to_sign).hex(), claim.signature):
        raise Denied("the signature does not match")


def _claim(request: Request) -> _Claim:
    query = parse_qsl(request.query, keep_blank_values=True)
    given = dict(query)
    if "X-Amz-Signature" in given:
        return _Claim(
            credential=given.get("X-Amz-Credential", ""),
            signed_headers=given.get("X-Amz-SignedHeaders", "").split(";"),
            signature=given["X-Amz-Signature"],
            time=given.get("X-Amz-Date", ""),
            expires=timedelta(seconds=_seconds(given.get("X-Amz-Expires", ""))),
            query=[(name, value) for name, value in query if name != "X-Amz-Signature"],
            digest=request.headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        )
    parts = _AUTHORIZATION.fullmatch(request.headers.get("authorization", "").strip())
    if parts is None:
        raise Denied("the request is not signed")
    return _Claim(
        credential=parts["credential"],
        signed_headers=parts["headers"].split(";"),
        signature=parts["signature"],
        time=request.headers.get("x-amz-date", ""),
        expires=_SKEW,
        query=query,
        digest=request.headers.get("x-amz-content-sha256") or hashlib.sha256(request.body()).hexdigest(),
    )


def _seconds(text: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise Denied("the URL does not say how long it is valid")
    return int(text)


def _require_timely(claim: _Claim, date: str, now: datetime) -> None:
    try:
        signed = datetime.strptime(claim.time, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise Denied("the request does not say when it was signed") from None
    if not claim.time.startswith(date) or not signed - _SKEW <= now <= signed + claim.expires:
        raise Denied("the signature is too old, or of another day")


def _path(path: str, service: str) -> str:
    """S3 signs the one canonical encoding of a path, everybody else what was sent, encoded once more."""
    return quote(unquote_to_bytes(path) if service == "s3" else path, safe="/~")


def _escape(text: str) -> str:
    return quote(text, safe="-_.~")


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
