"""진짜 서버에서 훔친 비밀번호와 오남용: 언제나 이 커널이 새로 띄운 서버에서만 해 봅니다."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import Any

from ddialab.core.workspace import Process, Workspace
from ddialab.experiments.abuse import flooded, injected, stolen, taker
from ddialab.ops.access import GuardedPostgres, GuardedValkey

PROCESSES = 2

flood = flooded.flood


def valkey() -> dict[str, Any]:
    """역할마다의 공격과, 비밀번호를 바꾸는 동안, 두 프로세스가 함께 꺼낸 토큰."""
    with GuardedValkey() as server:
        return {
            "server": server.name,
            "commands": server.as_role("admin").client.command_count(),
            "attacks": stolen.attacks(server),
            "limiters": limiters(server),
            "rotated": stolen.rotated(server),
        }


def postgres() -> dict[str, Any]:
    """역할마다의 공격과 SQL 인젝션."""
    with GuardedPostgres() as server:
        return {
            "server": server.as_role("owner").name,
            "attacks": stolen.statements(server),
            "injection": injected.injection(server),
        }


def limiters(server: GuardedValkey) -> dict[str, dict[str, int]]:
    """두 프로세스가 순진하게, 그리고 서버 안에서 한 번에 꺼낸 토큰의 수."""
    server.as_role("app").set(taker.LEFT, str(taker.BUDGET))
    about = {"port": server.port, "password": server.passwords["app"], "processes": PROCESSES}
    with Workspace() as home:
        settings = home.folder / "taker.json"  # 비밀번호가 있어 인자로 넘기지 않습니다
        settings.write_text(json.dumps(about))
        argv = [sys.executable, "-m", taker.__name__, settings]
        running = [home.run(argv, log=f"taker-{n}.txt") for n in range(PROCESSES)]
        took = [
            one.wait_until_ready(partial(_told, one), "토큰을 꺼내는 프로세스가") for one in running
        ]
    return {
        way: {"budget": taker.BUDGET, "passed": sum(one[way] for one in took)} for way in took[0]
    }


def _told(process: Process) -> dict[str, int] | None:
    """프로세스가 마지막에 적은 것. 아직이면 None."""
    said = process.log.read_text(errors="replace")
    return json.loads(said) if said.endswith("\n") else None
