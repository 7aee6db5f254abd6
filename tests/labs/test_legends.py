"""범례에는 그 장면에서 올 수 있는 것만, 그리고 오는 것은 모두 적습니다."""

from collections import Counter

import pytest

from ddialab.show.legend import PLAIN
from ddialab.show.legend import seen as in_the_legend
from playing import SCENES, at_random, changes, told, turned

SEEDS = range(60)
OFTEN = 3  # 예순 번에 이만큼 나오면 독자도 봅니다


@pytest.mark.parametrize("scene", SCENES.values(), ids=list(SCENES))
def test_what_a_reader_often_makes_happen_is_in_the_legend(scene):
    settings = [scene.start(), *turned(scene)]
    happened = Counter()
    for seed in SEEDS:
        at = settings[seed % len(settings)]
        script = at_random(scene, seed) if scene.actions else ()
        seen = changes(scene, scene.seed, at, script)  # 독자의 장면은 늘 이 시드입니다
        happened.update({s for _, s in told(seen, "state")} | {s for _, s in told(seen, "look")})
    often = {name for name, times in happened.items() if times >= OFTEN}
    assert often <= {*in_the_legend(scene), *PLAIN}


def test_nothing_else_is_in_the_legend():
    recovery = in_the_legend(SCENES["recovery"])
    assert not {"ok", "fail", "late"} & set(recovery)
    assert {"go", "repair", "put"} <= set(recovery)
    assert "late" not in in_the_legend(SCENES["cache-aside"])
