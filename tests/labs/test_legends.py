"""범례는 조작의 설명을 보고 정합니다. 오지 않을 상태가 거기 적히면 독자가 그것을 기다립니다."""

import pytest

from playing import SCENES, at_random, changes, told, turned

SEEDS = range(60)
ACTED = {name: scene for name, scene in SCENES.items() if scene.actions}


@pytest.mark.parametrize("scene", ACTED.values(), ids=list(ACTED))
def test_every_state_that_an_action_names_comes_about(scene):
    settings = [scene.start(), *turned(scene)]
    seen = {"ok"}
    for seed in SEEDS:
        at = settings[seed % len(settings)]
        seen |= {
            state for _, state in told(changes(scene, seed, at, at_random(scene, seed)), "state")
        }
    assert {state for action in scene.actions for state in action.when} <= seen
