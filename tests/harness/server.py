"""The server that browsers of tests speak to: as Django's own, but its threads stay, and with them what they know."""

from concurrent.futures import ThreadPoolExecutor
from socket import socket
from typing import Any

from django.core.servers.basehttp import WSGIServer
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.testcases import LiveServerThread

THREADS = 32  # a browser opens more connections than it asks on


class StayingServer(WSGIServer):
    """Answers by threads that keep their connection to the database: a new one knows no table yet, and is slow.

    Each connection of a browser is for one request, so that none keeps a thread.
    """

    def __init__(self, *arguments: Any, connections_override: object = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._threads = ThreadPoolExecutor(THREADS, "server", initializer=self._keep_connection)
        self._connections: list[BaseDatabaseWrapper] = []

    def process_request(self, request: socket, client_address: Any) -> None:
        self._threads.submit(self._answer, request, client_address)

    def server_close(self) -> None:
        super().server_close()
        self._threads.shutdown()
        for one in self._connections:
            one.inc_thread_sharing()
            one.close()

    def _keep_connection(self) -> None:
        self._connections.append(connections["default"])

    def _answer(self, request: socket, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except Exception:
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)


LiveServerThread.server_class = StayingServer
