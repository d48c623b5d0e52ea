"""Who gets through to LocalStack, asked of its own request types."""

import types

import pytest
from localstack.http import Request, Response

from sheaf_executor import gateway
from sheaf_executor.gateway import Guard, require_of_this_machine
from sheaf_executor.settings import Credentials
from sheaf_executor.signature import Denied


@pytest.mark.parametrize("host", ["127.0.0.1:4566", "localhost", "LOCALHOST:1", "[::1]:4566"])
@pytest.mark.parametrize("origin", [None, "http://localhost:3000", "http://127.0.0.1"])
def test_programs_of_this_machine_are_let_in(host, origin):
    require_of_this_machine(host, origin)


@pytest.mark.parametrize("host", ["", "evil.example", "127.0.0.1.evil.example:4566", "sqs.localhost.localstack.cloud"])
def test_other_names_are_not_ours(host):
    with pytest.raises(Denied, match="Host"):
        require_of_this_machine(host, None)


@pytest.mark.parametrize("origin", ["null", "", "https://evil.example", "https://app.localstack.cloud", "file://"])
def test_pages_of_other_sites_are_turned_away(origin):
    with pytest.raises(Denied, match="Origin"):
        require_of_this_machine("127.0.0.1", origin)


def ask(method="POST", path="/", **headers) -> tuple[bool, Response]:
    """Whether the chain goes on, and the answer if it does not."""
    ended = []
    response = Response()
    request = Request(method=method, path=path, headers={"Host": "127.0.0.1:4566", **headers})
    chain = types.SimpleNamespace(terminate=lambda: ended.append(True))
    Guard(Credentials.draw())(chain, types.SimpleNamespace(request=request), response)
    return not ended, response


@pytest.mark.parametrize("path", ["/_aws/execute-api/x/live/me/r", "/_localstack/health"])
def test_the_api_asks_for_its_own_tokens(path):
    assert ask("GET", path)[0]
    assert not ask("GET", path, Origin="https://evil.example")[0]


@pytest.mark.parametrize("path", ["/", "/bucket/key", "/_aws/lambda", "/_localstack/init", "/2015-03-31/functions"])
def test_everything_else_has_to_be_signed(path):
    goes_on, response = ask("POST", path)
    assert not goes_on
    assert response.status_code == 403
    assert response.json["message"] == "the request is not signed"


def test_the_constant_that_localstack_signs_with_opens_nothing(monkeypatch):
    from localstack import constants

    monkeypatch.setattr(constants, "INTERNAL_AWS_SECRET_ACCESS_KEY", constants.INTERNAL_AWS_SECRET_ACCESS_KEY)
    gateway.draw_internal_secret("drawn")
    for key in (constants.INTERNAL_AWS_ACCESS_KEY_ID, "000000000000"):
        assert Guard(Credentials.draw())._secret_of(key) == "drawn"


def test_the_gateway_listens_on_loopback(monkeypatch):
    from localstack.aws.serving import twisted

    monkeypatch.setattr(twisted.endpoints, "TCP4ServerEndpoint", twisted.endpoints.TCP4ServerEndpoint)
    gateway._listen_on_loopback()
    assert twisted.endpoints.TCP4ServerEndpoint(None, 0)._interface == "127.0.0.1"


def test_any_type_may_be_binary(monkeypatch):
    from localstack.services.apigateway.next_gen.execute_api.integrations import aws

    name = "mime_type_matches_binary_media_types"
    monkeypatch.setattr(aws, name, getattr(aws, name))
    gateway._take_any_type_for_bytes()
    matches = getattr(aws, name)
    assert matches(None, ["*/*", "image/png"])
    assert matches("application/json, */*", ["*/*"])
    assert matches("image/png", ["image/png"])
    assert not matches(None, ["image/png"])
    assert not matches("text/plain", [])


def test_credentials_do_not_show_their_secret():
    drawn = Credentials.draw()
    assert drawn.secret_access_key not in repr(drawn)
    assert Credentials.read(drawn.variables()) == drawn
