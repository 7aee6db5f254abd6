"""데이터셋: 같은 시드면 글자까지 같고, 인기에 쏠려 있고, 글이 한국어 문장입니다."""

import hashlib
import random
import re
from collections import Counter
from itertools import islice

import numpy as np
import pytest

from ddialab.core.errors import InvalidValue
from ddialab.service.dataset import DAYS, MORE_TAGS, TOPICS, dataset, share, with_particle

SEEDS = range(40)
SAYS = re.compile(r"[가-힣 ]+다\. [가-힣 ]+\.( #[가-힣]+){0,2}")


def digest(posts):
    return hashlib.sha256("\n".join(map(str, posts)).encode()).hexdigest()[:16]


def test_the_same_seed_is_the_same_to_the_letter():
    """지문은 한 번 적어 둔 것입니다: 파이썬의 버전이나 컴퓨터가 달라도 같아야 합니다."""
    random.seed(7)
    first = digest(dataset(2_000, seed=3))
    random.seed(8)
    assert digest(dataset(2_000, seed=3)) == first == "0e4b8339f97e06c0"
    assert digest(dataset(2_000, seed=4)) != first


def test_a_longer_set_begins_with_the_shorter():
    short, long = dataset(100, seed=1), islice(dataset(10_000, seed=1), 100)
    assert [post[:3] for post in short] == [post[:3] for post in long]


def test_numbers_and_days_go_up_to_the_last_day():
    posts = list(dataset(5_000))
    assert [post.id for post in posts] == list(range(1, 5_001))
    days = [post.day for post in posts]
    assert days == sorted(days)
    assert set(days) == set(range(DAYS))


def test_every_text_is_a_sentence_with_its_tags_inside():
    found = {tag for post in dataset(20_000) for tag in re.findall(r"#([가-힣]+)", post.text)}
    assert found == {*(tag for tag, _, _ in TOPICS), *MORE_TAGS}
    assert [post.text for post in dataset(2_000) if not SAYS.fullmatch(post.text)] == []


def test_particles_follow_the_last_consonant():
    assert [with_particle(word) for word in ("점심", "커피", "길", "차")] == [
        "점심을", "커피를", "길을", "차를"
    ]  # fmt: skip


def test_authors_and_tags_are_skewed_as_said():
    """1위 태그의 비율은 기댓값과 같고, 순위가 내려가면 준다는 것은 시드의 운이 아닙니다."""
    count = 4_000
    for seed in SEEDS:
        posts = list(dataset(count, seed))
        tags = Counter(tag for post in posts for tag in re.findall(r"#([가-힣]+)", post.text))
        p = share("점심")
        assert abs(tags["점심"] / count - p) < 4.5 * np.sqrt(p * (1 - p) / count)
        assert tags["점심"] > tags["커피"] > tags["고양이"] > tags["식물"] > 0
        authors = Counter(post.author for post in posts).most_common()
        assert authors[0][1] > 5 * authors[9][1]
        assert len(authors) > 500


@pytest.mark.parametrize("wrong", [{"count": -1}, {"count": 1.5}, {"seed": "0"}])
def test_a_wrong_count_or_seed_is_refused(wrong):
    with pytest.raises(InvalidValue):
        next(dataset(**wrong))
