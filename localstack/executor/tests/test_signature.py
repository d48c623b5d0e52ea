"""Signatures as botocore makes them are let in, and nothing that differs from what was signed."""

import dataclasses
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sheaf_executor.signature import Denied, Request, require_signed

KEY, SECRET = "SHEAFKEY", "the secret"
HERE = "http://127.0.0.1:4566"


def known(key: str) -> str | None:
    return SECRET if key == KEY else None


def signed(signer, method="POST", url=f"{HERE}/", body=b"{}", secret=SECRET, key=KEY, **headers) -> Request:
    request = AWSRequest(method=method, url=url, data=body, headers={"Host": urlsplit(url).netloc, **headers})
    signer(Credentials(key, secret)).add_auth(request)
    parts = urlsplit(request.url)
    return Request(
        method, parts.path, parts.query, {name.lower(): value for name, value in request.headers.items()}, lambda: body
    )


def sqs(credentials):
    return SigV4Auth(credentials, "sqs", "us-east-1")


def s3(credentials):
    return S3SigV4Auth(credentials, "s3", "us-east-1")


def presigned(credentials):
    return S3SigV4QueryAuth(credentials, "s3", "us-east-1", expires=60)


def check(request: Request, now: datetime | None = None) -> None:
    require_signed(request, known, now or datetime.now(UTC))


@pytest.mark.parametrize(
    "signer, url",
    [
        (sqs, f"{HERE}/"),
        (sqs, f"{HERE}/2015-03-31/functions/arn%3Aaws%3Alambda/versions?Marker=a%20b&x"),
        (s3, f"{HERE}/bucket/a%20b~%C3%A4//c%2Bd?list-type=2&prefix=a%2Fb"),
        (presigned, f"{HERE}/bucket/a%20b~%C3%A4//c%2Bd?x-id=GetObject"),
    ],
)
def test_what_botocore_signs_is_let_in(signer, url):
    check(signed(signer, url=url, **{"X-Amz-Target": "AmazonSQS.SendMessage"}))


def test_a_path_of_s3_may_be_encoded_in_another_way():
    request = signed(s3, url=f"{HERE}/bucket/a~%C3%A4")
    check(dataclasses.replace(request, path="/bucket/a%7E%c3%a4"))


@pytest.mark.parametrize("signer", [sqs, s3, presigned])
@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"path": "/other"},
        {"query": "a=b"},
        {"headers": {}},
    ],
)
def test_what_differs_is_refused(signer, change):
    with pytest.raises(Denied):
        check(dataclasses.replace(signed(signer, url=f"{HERE}/bucket/key"), **change))


def test_another_body_is_refused():
    with pytest.raises(Denied, match="does not match"):
        check(dataclasses.replace(signed(sqs), body=lambda: b"{ }"))


@pytest.mark.parametrize("signer", [sqs, s3, presigned])
def test_another_secret_or_key_is_refused(signer):
    with pytest.raises(Denied, match="does not match"):
        check(signed(signer, secret="test"))
    with pytest.raises(Denied, match="access key test is not known"):
        check(signed(signer, key="test"))


@pytest.mark.parametrize("signer", [sqs, presigned])
@pytest.mark.parametrize("age", [timedelta(hours=1), timedelta(hours=-1)])
def test_an_old_signature_is_refused(signer, age):
    with pytest.raises(Denied, match="too old"):
        check(signed(signer), datetime.now(UTC) + age)


@pytest.mark.parametrize(
    "headers, query",
    [
        ({}, ""),
        ({"authorization": "Bearer x"}, ""),
        ({"authorization": "AWS SHEAFKEY:signature"}, ""),
        ({}, "X-Amz-Signature=x&X-Amz-Credential=x&X-Amz-Expires=x"),
        ({}, "X-Amz-Signature=x&X-Amz-Expires=9"),
    ],
)
def test_what_is_not_signed_is_refused(headers, query):
    with pytest.raises(Denied):
        check(Request("POST", "/", query, headers, lambda: b""))
