"""The processes of the demonstration: web, worker, gateway, and the simulators of the
payment page, of the firm that carries text messages and of an agency that asks."""

from __future__ import annotations

import http.client
import json
import os
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from django.conf import settings

from tahseel.app import clock, paths
from tahseel.app.processes import Child, own_command
from tahseel.kernel.errors import Refusal
from tahseel.recovery.clearance import jobs as clearance_jobs
from tahseel.recovery.clearance import partners
from tahseel.recovery.clearance.client import SocketConnection

READY_SECONDS = 30.0
SHIFT_MS_PER_DAY = 86_400_000
HOST = "127.0.0.1"


class PortTaken(Refusal):
    """One of the ports is in use, or this user may not listen on it."""

    code = "port_taken"
    text_ar = "المنفذ {port} مشغول أو غير مسموح به: اختر منافذ أخرى بالخيار --port"
    text_en = "Port {port} is in use or not allowed: choose others with --port"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the demonstration serves on this machine."""

    web: int = 8000
    knet: int = 8002
    sms: int = 8003
    partner: int = 8004
    registries: int = 8005

    @property
    def web_url(self) -> str:
        return f"http://{HOST}:{self.web}"

    @property
    def knet_url(self) -> str:
        return f"http://{HOST}:{self.knet}"

    @property
    def sms_url(self) -> str:
        return f"http://{HOST}:{self.sms}"

    @property
    def partner_url(self) -> str:
        return f"http://{HOST}:{self.partner}/clearance/changes"

    @property
    def registries_url(self) -> str:
        return f"http://{HOST}:{self.registries}"


def free_ports() -> Ports:
    """Ports that nobody uses now, for a run that serves nobody."""
    with ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in fields(Ports)]
        for one in found:
            one.bind((HOST, 0))
        return Ports(*(one.getsockname()[1] for one in found))


def require_free(ports: Ports) -> None:
    """Raises PortTaken, naming the first port on which nobody could listen now."""
    for port in astuple(ports):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers will
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise PortTaken(port=port) from error


def announce(ports: Ports) -> None:
    """Tell this process and its children where the others are."""
    os.environ["TAHSEEL_PUBLIC_URL"] = ports.web_url
    os.environ["TAHSEEL_KNET_URL"] = ports.knet_url
    os.environ["TAHSEEL_SMS_URL"] = ports.sms_url
    os.environ["TAHSEEL_REGISTRIES_URL"] = ports.registries_url
    os.environ["TAHSEEL_PARTNERS"] = json.dumps({"moi": ports.partner_url})


def early(ports: Ports) -> list[Child]:
    """What needs no country yet, each with its log under `var/log`: the firms and the web process.

    They start while the country is built.
    """
    logs = _logs()
    knet = [sys.executable, "-m", "simulators.knet", "--port", str(ports.knet), "--quiet"]
    key = Path(settings.KEYS) / partners.PUBLIC_FILE
    partner = [sys.executable, "-m", "simulators.partner", "--port", str(ports.partner), "--quiet"]
    sms = [sys.executable, "-m", "simulators.sms", "--port", str(ports.sms), "--quiet"]
    return [
        Child("knet", knet, logs / "knet.log"),
        Child("sms", sms, logs / "sms.log"),
        Child("partner", [*partner, "--key", str(key)], logs / "partner.log"),
        Child("web", own_command("web", "--port", str(ports.web)), logs / "web.log"),
    ]


def late() -> list[Child]:
    """What works on the country that was built: gateway, worker, and the State's registries."""
    from tahseel.app.demo import registries

    logs = _logs()
    gateway = clearance_jobs.command(
        socket_path=Path(settings.GATEWAY_SOCKET),
        replica_path=Path(settings.REPLICA),
        keys_path=Path(settings.KEYS),
        clock_shift_ms=clock.shift_days() * SHIFT_MS_PER_DAY,
    )
    return [
        registries.child(clock.today()),
        Child("gateway", gateway, logs / "gateway.log"),
        Child("worker", own_command("worker"), logs / "worker.log"),
    ]


def _logs() -> Path:
    logs = paths.var() / "log"
    logs.mkdir(parents=True, exist_ok=True)
    return logs


def checks(ports: Ports) -> dict[str, Callable[[], bool]]:
    """When each of them answers."""
    return {
        "web": lambda: _answers(http.client.HTTPConnection(HOST, ports.web, timeout=5), "/"),
        "knet": lambda: _healthy(ports.knet),
        "sms": lambda: _healthy(ports.sms),
        "partner": lambda: _healthy(ports.partner),
        "registries": lambda: _healthy(ports.registries),
        "gateway": lambda: _answers(SocketConnection(Path(settings.GATEWAY_SOCKET)), "/healthz"),
        "worker": lambda: Path(os.environ["TAHSEEL_WAKE_SOCKET"]).exists(),
    }


def _healthy(port: int) -> bool:
    return _answers(http.client.HTTPConnection(HOST, port, timeout=5), "/healthz")


def _answers(connection: http.client.HTTPConnection, path: str) -> bool:
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
