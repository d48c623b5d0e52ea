"""The Lambda Runtime API for one JVM, on a loopback port of its own.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import dataclasses
import json
import queue
import threading
from concurrent.futures import Future, InvalidStateError
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PREFIX = "/2018-06-01/runtime/"
# AWS's limit on the answer of a synchronous invocation: 6 MiB and a little for the envelope.
MAX_RESPONSE_BYTES = 6_291_556


@dataclasses.dataclass(frozen=True)
class Invocation:
    """One event on its way to the function; `deadline_ms` is wall-clock time since the epoch."""

    request_id: str
    function_arn: str
    trace_id: str
    payload: bytes
    deadline_ms: int


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came back: the function's result, or the error document if `is_error`."""

    payload: bytes
    is_error: bool


class InitializationFailed(Exception):
    """The function could not be initialised; `payload` is the error document of the runtime."""

    def __init__(self, payload: bytes):
        super().__init__(payload.decode(errors="replace"))
        self.payload = payload


class RuntimeApi:
    """Hands invocations to one JVM and takes its answers.

    `ready` completes when the JVM asks for its first event, or fails with InitializationFailed.
    `snapshot_ready` completes when it reports that it is ready for a SnapStart snapshot.
    """

    def __init__(self) -> None:
        self.ready: Future[None] = Future()
        self.snapshot_ready: Future[None] = Future()
        self._waiting: queue.Queue[Invocation | None] = queue.Queue()
        self._running: dict[str, Future[Answer]] = {}
        self._failure: Exception | None = None
        self._server = _Server(self)
        self._closed = False

    def start(self) -> str:
        """Begins to serve. Returns `host:port`, the value of AWS_LAMBDA_RUNTIME_API."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="runtime-api", daemon=True).start()
        return f"127.0.0.1:{self._server.server_address[1]}"

    def submit(self, invocation: Invocation) -> Future[Answer]:
        answer: Future[Answer] = Future()
        self._running[invocation.request_id] = answer
        self._waiting.put(invocation)
        if self._failure is not None:
            _settle(lambda: answer.set_exception(self._failure))
        return answer

    def fail(self, error: Exception) -> None:
        """Ends whatever waits for the JVM, now or later: it is gone."""
        self._failure = error
        for future in (self.ready, self.snapshot_ready, *list(self._running.values())):
            _settle(lambda: future.set_exception(error))

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._waiting.put(None)
        self._server.shutdown()
        self._server.server_close()

    # What the JVM calls.

    def next(self) -> Invocation | None:
        """The next event, waiting for one; None once the API is closed."""
        _settle(lambda: self.ready.set_result(None))
        return self._waiting.get()

    def restore(self) -> None:
        """Never returns before the end: a snapshot is taken here, and we only train up to it."""
        _settle(lambda: self.snapshot_ready.set_result(None))
        self._waiting.get()

    def answered(self, request_id: str, answer: Answer) -> bool:
        """Returns whether anybody still waits for it."""
        future = self._running.pop(request_id, None)
        if future is None:
            return False
        _settle(lambda: future.set_result(answer))
        return True

    def initialization_failed(self, payload: bytes) -> None:
        for future in (self.ready, self.snapshot_ready):
            _settle(lambda: future.set_exception(InitializationFailed(payload)))


def error_document(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def _settle(action) -> None:
    """Runs `action` on a future that somebody else may have settled first."""
    try:
        action()
    except InvalidStateError:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, api: RuntimeApi):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.api = api

    def handle_error(self, request, client_address) -> None:
        """A JVM that was killed drops its connection; that is not news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave as two writes; without this the second waits for an acknowledgement.
    disable_nagle_algorithm = True

    server: _Server

    def do_GET(self) -> None:
        match self._route():
            case ["invocation", "next"]:
                self._hand_over(self.server.api.next())
            case ["restore", "next"]:
                self.server.api.restore()
                self._reply(410)
            case _:
                self._reply(404)

    def do_POST(self) -> None:
        body = self._body()
        match self._route():
            case ["invocation", request_id, "response"]:
                self._answer(request_id, self._limited(body))
            case ["invocation", request_id, "error"]:
                self._answer(request_id, Answer(body, is_error=True))
            case ["init", "error"] | ["restore", "error"]:
                self.server.api.initialization_failed(body)
                self._reply(202)
            case _:
                self._reply(404)

    def _hand_over(self, invocation: Invocation | None) -> None:
        if invocation is None:
            self._reply(410)
            return
        self._reply(
            200,
            invocation.payload,
            {
                # AWS's runtime interface client crashes in native code (SIGSEGV) without it.
                "Content-Type": "application/json",
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
                "Lambda-Runtime-Trace-Id": invocation.trace_id,
            },
        )

    def _answer(self, request_id: str, answer: Answer) -> None:
        self._reply(202 if self.server.api.answered(request_id, answer) else 400)

    def _limited(self, body: bytes) -> Answer:
        if len(body) <= MAX_RESPONSE_BYTES:
            return Answer(body, is_error=False)
        message = (
            f"Response payload size ({len(body)} bytes) exceeded maximum allowed payload size "
            f"({MAX_RESPONSE_BYTES} bytes)."
        )
        return Answer(error_document("Function.ResponseSizeTooLarge", message), is_error=True)

    def _route(self) -> list[str]:
        return self.path.removeprefix(PREFIX).split("/") if self.path.startswith(PREFIX) else []

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return bytes(body)

    def _reply(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response_only(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
