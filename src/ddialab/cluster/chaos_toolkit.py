"""카오스 실험을 Chaos Toolkit의 실험으로 옮깁니다. 거기서도 같은 것을 묻고 같은 일을 합니다.

Chaos Toolkit은 실험을 시작하고 끝낼 때 아래의 control 함수를, 탐침과 할 일마다 `ask`와 `do`를
부릅니다. 이 모듈은 Chaos Toolkit을 import하지 않습니다.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ddialab.cluster.chaos import ASKS, Experiment, Probe, Step, apply, look
from ddialab.core.errors import BackendUnavailable, InvalidValue

MODEL = "ddialab.cluster.simulated:Simulated"

_systems: list = []  # 지금 실험하고 있는 저장소. 한 번에 하나뿐입니다


def to_chaos_toolkit(
    experiment: Experiment, system: str = MODEL, settings: dict | None = None
) -> dict[str, Any]:
    """`chaos run`이 읽는 실험. ``system``은 ``"모듈:클래스"``, ``settings``는 그것을 만들 인자.

    롤백한 뒤에 멀쩡한지 보는 자리가 Chaos Toolkit에는 없어서, 롤백의 마지막 일로 넣습니다.
    """
    check = _activity("action", "롤백한 뒤에 멀쩡한지 봅니다", "require_health")
    check["provider"]["arguments"] = {"probes": [vars(one) for one in experiment.health]}
    return {
        "title": experiment.title,
        "description": experiment.title,
        "runtime": {"rollbacks": {"strategy": "always"}},
        "controls": [
            {
                "name": "저장소를 띄우고 닫습니다",
                "provider": {
                    "type": "python",
                    "module": __name__,
                    "arguments": {"system": system, "options": settings or {}},
                },
            }
        ],
        "steady-state-hypothesis": {
            "title": "정상 상태",
            "probes": [_probe(one) for one in experiment.hypothesis],
        },
        "method": [_action(one) for one in experiment.method],
        "rollbacks": [*(_action(one) for one in experiment.rollback), check],
    }


def _activity(kind: str, name: str, function: str) -> dict[str, Any]:
    provider = {"type": "python", "module": __name__, "func": function}
    return {"type": kind, "name": name, "provider": provider}


def _probe(probe: Probe) -> dict[str, Any]:
    made = _activity("probe", probe.name, "ask")
    made["provider"]["arguments"] = {"what": probe.ask}
    made["tolerance"] = probe.tolerance
    if isinstance(probe.tolerance, tuple):
        made["tolerance"] = {"type": "range", "range": list(probe.tolerance)}
    return made


def _action(step: Step) -> dict[str, Any]:
    words = [step.do, step.on, "" if step.value is None else str(step.value)]
    made = _activity("action", " ".join(filter(None, words)), "do")
    made["provider"]["arguments"] = {"step": {k: v for k, v in vars(step).items() if v is not None}}
    return made


# --- Chaos Toolkit이 부르는 함수들 ---


def before_experiment_control(context: dict, system: str, options: dict, **_: Any) -> None:
    """실험을 시작할 때: 저장소를 만듭니다. settings라는 이름은 Chaos Toolkit이 씁니다."""
    module, _, name = system.partition(":")
    try:
        make = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        raise InvalidValue(
            f"system={system!r}: 그런 클래스가 없습니다.", f"보기: {MODEL!r}."
        ) from None
    _systems.append(make(**options))


def after_experiment_control(context: dict, **_: Any) -> None:
    """실험이 끝났을 때: 닫을 것이 있으면 닫습니다."""
    while _systems:
        close = getattr(_systems.pop(), "close", None)
        if close is not None:
            close()


def ask(what: str) -> Any:
    """탐침 하나의 답."""
    return ASKS[what](_system())


def do(step: dict) -> None:
    """할 일 하나."""
    apply(Step(**step), _system())


def require_health(probes: list[dict]) -> None:
    """롤백한 뒤에 멀쩡하지 않으면 `BackendUnavailable`."""
    seen = look([Probe(**one) for one in probes], _system())
    if bad := [f"{one.name}={one.value!r}" for one in seen if not one.tolerated]:
        raise BackendUnavailable(
            f"롤백했지만 멀쩡하지 않습니다: {', '.join(bad)}.",
            "롤백한 뒤에는 health의 탐침이 모두 정상이어야 합니다.",
            "실험을 멈추고 손으로 고치세요.",
        )


def _system() -> Any:
    if not _systems:
        raise BackendUnavailable(
            "실험할 저장소가 없습니다.",
            "Chaos Toolkit이 실험을 시작하며 만듭니다.",
            "to_chaos_toolkit이 만든 실험을 그대로 돌리세요.",
        )
    return _systems[-1]
