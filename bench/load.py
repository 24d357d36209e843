"""The outside tools of the check: wrk as the load, nginx as the peer, both Debian's."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
WRK_EXTRA_S = 20

NGINX = """{user}worker_processes 1;
daemon off;
pid "{folder}/nginx.pid";
error_log "{folder}/nginx.log";
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path "{folder}/t1";
  proxy_temp_path "{folder}/t2";
  fastcgi_temp_path "{folder}/t3";
  uwsgi_temp_path "{folder}/t4";
  scgi_temp_path "{folder}/t5";
  server {{
    listen 127.0.0.1:{port};
    root "{folder}/static";
    default_type application/json;
  }}
}}
"""

POST = """wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
local ids = {{ {ids} }}
local n = 0
request = function()
  n = n % #ids + 1
  return wrk.format(nil, "/v1/clearance/checks", nil, '{{"civil_id":"' .. ids[n] ..
    '","gate":"exit","purpose":"exit","reference":"bench"}}')
end
"""


@dataclass(frozen=True)
class Run:
    """One run of wrk."""

    requests: int
    per_s: float
    p50_ms: float
    p99_ms: float
    errors: int


def missing(*tools: str) -> list[str]:
    """The tools that are not installed."""
    return [tool for tool in tools if shutil.which(tool, path="/usr/sbin:/usr/bin:/bin") is None]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def start_nginx(folder: Path, port: int, body: bytes) -> subprocess.Popen[bytes]:
    """Nginx that serves one file, with one worker."""
    (folder / "static").mkdir()
    (folder / "static" / "answer.json").write_bytes(body)
    for path in (folder, folder / "static"):
        path.chmod(0o755)
    config = folder / "nginx.conf"
    # As root nginx gives its worker to another user, who may not enter a private checkout.
    user = "user root;\n" if os.geteuid() == 0 else ""
    config.write_text(NGINX.format(folder=folder, port=port, user=user))
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/bin") or "nginx"
    command = [nginx, "-c", str(config), "-e", str(folder / "nginx.log")]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def write_script(folder: Path, civil_ids: Sequence[str]) -> Path:
    """The Lua script by which wrk asks about these ids in turn."""
    script = folder / "post.lua"
    script.write_text(POST.format(ids=",".join(f'"{one}"' for one in civil_ids)))
    return script


def wrk(url: str, *, seconds: int, connections: int, script: Path | None = None) -> Run:
    """Closed-loop load from one thread."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    command += ["-s", str(script)] if script else []
    done = subprocess.run(
        [*command, url],
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + WRK_EXTRA_S,
    ).stdout
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", done)
    broken = re.search(r"Socket errors: (.+)", done)
    return Run(
        requests=int(_found(r"(\d+) requests in", done)),
        per_s=float(_found(r"Requests/sec:\s*([\d.]+)", done)),
        p50_ms=_ms(_found(r"\n\s+50%\s+(\S+)", done)),
        p99_ms=_ms(_found(r"\n\s+99%\s+(\S+)", done)),
        errors=(int(errors[1]) if errors else 0) + (1 if broken else 0),
    )


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise RuntimeError(f"wrk printed nothing like {pattern}:\n{text}")
    return match[1]


def _ms(text: str) -> float:
    match = re.fullmatch(r"([\d.]+)(us|ms|s)", text)
    if match is None:
        raise RuntimeError(f"not a duration: {text}")
    return float(match[1]) * MILLISECONDS[match[2]]
