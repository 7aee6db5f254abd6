"""도전: 풀이로는 이루어지고, 가만히 있거나 슬라이더 하나나 아무 조작으로는 이루어지지 않습니다."""

import pytest

from playing import SCENES, at_random, met, turned
from suite.effort import some

SEEDS = range(1000, 1040)
RANDOM = 400  # 아무렇게나 지은 대본의 수
CHALLENGES = {name: scene for name, scene in SCENES.items() if scene.challenge}
every = pytest.mark.parametrize("scene", CHALLENGES.values(), ids=list(CHALLENGES))


@every
def test_the_solution_meets_it(scene):
    at, script = scene.challenge.at, scene.challenge.script
    assert all(met(scene, seed, at, script) for seed in SEEDS)


@every
def test_doing_nothing_does_not_meet_it(scene):
    assert not any(met(scene, seed) for seed in SEEDS)


@pytest.mark.proof
@every
def test_the_actions_of_the_solution_alone_do_not_meet_it(scene):
    assert not any(met(scene, seed, script=scene.challenge.script) for seed in some(SEEDS))


@every
def test_no_single_slider_meets_it(scene):
    for at in turned(scene):
        assert not any(met(scene, seed, at) for seed in SEEDS), at


@pytest.mark.proof
@every
def test_no_single_slider_with_the_actions_of_the_solution_meets_it(scene):
    for at in turned(scene):
        for seed in some(SEEDS):
            assert not met(scene, seed, at, scene.challenge.script), at


@pytest.mark.proof
@every
def test_random_actions_do_not_meet_it(scene):
    for seed in some(range(RANDOM)):
        assert not met(scene, seed, script=at_random(scene, seed))
