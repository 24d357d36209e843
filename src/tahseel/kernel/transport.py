"""One POST over HTTP(S) from the standard library, bounded in time and size."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from tahseel.kernel.errors import Fault

REPLY_BYTES_MAX = 64 * 1024

# Post(url, body, content_type) -> reply body. Raises Fault.
Post = Callable[[str, bytes, str], bytes]


class NotReached(Fault):
    """No connection was made: the other side has certainly heard nothing."""


@dataclass(frozen=True, slots=True)
class HttpPost:
    """Calls another firm's machine. No redirect is followed.

    `timeout_s` bounds the connection and each read.
    """

    timeout_s: int = 15

    def __call__(self, url: str, body: bytes, content_type: str) -> bytes:
        """Raises Fault: to be tried again on network trouble and 5xx, not on anything else.

        NotReached says that nothing was sent; after any other Fault that may be unknown.
        """
        connection = self._connect(url)
        parts = urlsplit(url)
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        try:
            connection.connect()
        except OSError as error:
            reason = type(error).__name__
            raise NotReached(f"no way to {parts.hostname}: {reason}", retry=True) from error
        try:
            connection.request("POST", path, body, {"Content-Type": content_type})
            reply = connection.getresponse()
            content = reply.read(REPLY_BYTES_MAX + 1)
        except (OSError, http.client.HTTPException) as error:
            reason = type(error).__name__
            raise Fault(f"the other side did not answer: {reason}", retry=True) from error
        finally:
            connection.close()
        if reply.status != http.HTTPStatus.OK:
            retry = reply.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR
            raise Fault(f"the other side answered with status {reply.status}", retry=retry)
        if len(content) > REPLY_BYTES_MAX:
            raise Fault("the other side's answer is too long", retry=False)
        return content

    def _connect(self, url: str) -> http.client.HTTPConnection:
        parts = urlsplit(url)
        if parts.hostname is None:
            raise Fault("the other side's address names no host", retry=False)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=self.timeout_s, context=context
            )
        if parts.scheme == "http":
            return http.client.HTTPConnection(parts.hostname, parts.port, timeout=self.timeout_s)
        raise Fault("the other side's address is neither http nor https", retry=False)
