"""Where the demonstration serves: a port that is taken is told before anything is built."""

from __future__ import annotations

import socket
from dataclasses import fields, replace

import pytest

from tahseel.app.demo import servers
from tahseel.app.demo.servers import HOST, Ports


@pytest.mark.parametrize("service", [field.name for field in fields(Ports)])
def test_each_port_that_somebody_listens_on_is_named(service: str) -> None:
    free = servers.free_ports()
    with socket.create_server((HOST, 0)) as busy:
        taken = busy.getsockname()[1]

        with pytest.raises(servers.PortTaken) as refused:
            servers.require_free(replace(free, **{service: taken}))

    assert refused.value.facts == {"port": taken}
    for language in ("ar", "en"):
        assert f"{taken} " in refused.value.in_language(language)
        assert "--port" in refused.value.in_language(language)


def test_ports_that_nobody_uses_pass_and_stay_free() -> None:
    free = servers.free_ports()

    servers.require_free(free)

    with socket.create_server((HOST, free.web)) as now:
        assert now.getsockname()[1] == free.web
