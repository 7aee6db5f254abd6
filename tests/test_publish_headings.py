"""이름표 없는 제목의 주소: 다른 제목이 늘어나도 바뀌지 않아야 합니다."""

from docutils import nodes

import headings


def document(*titles: str) -> nodes.document:
    made = nodes.document(None, None)
    for i, title in enumerate(titles, 1):
        made += nodes.section("", nodes.title("", title), ids=[f"id{i}"])
    return made


def addresses(made: nodes.document) -> list[str]:
    headings.rename(made)
    return [section["ids"][0] for section in made.findall(nodes.section)]


def test_new_heading_does_not_move_the_others():
    before = addresses(document("캐시", "만료"))
    after = addresses(document("머리말", "캐시", "만료"))
    assert after[1:] == before


def test_same_title_twice_gets_two_addresses():
    first, second = addresses(document("바꿔 보기", "바꿔 보기"))
    assert second == f"{first}-2"


def test_label_of_the_author_wins():
    made = nodes.document(None, None)
    made += nodes.section("", nodes.title("", "캐시"), ids=["id1", "cache"])
    assert headings.rename(made) == {"id1": "cache"}
    assert made[0]["ids"] == ["cache"]


def test_label_comes_before_letters_of_the_title():
    """「CPU의 캐시 미스」는 cpu라는 주소도 받지만, 차례와 찾기는 이름표를 써야 합니다."""
    made = nodes.document(None, None)
    made += nodes.section("", nodes.title("", "CPU의 캐시"), ids=["cpu", "cpu-cache-miss"])
    headings.rename(made)
    assert made[0]["ids"] == ["cpu-cache-miss", "cpu"]
