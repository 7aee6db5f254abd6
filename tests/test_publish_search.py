"""찾기의 조각 나누기. 브라우저 쪽의 짝은 tests/site/test_search.py가 봅니다."""

from search_ko import PARTICLES, Korean, pieces


def test_korean_becomes_overlapping_pairs():
    assert pieces("결함과") == ["결함", "함과"]
    assert pieces("큐") == ["큐"]


def test_other_scripts_stay_whole():
    assert Korean({}).split("Redis를 8대, p99로") == ["Redis", "를", "8", "대", "p99", "로"]


def test_longer_particles_come_off_first():
    """「는」이 「에서는」보다 앞서면 「에서」가 남습니다."""
    for i, particle in enumerate(PARTICLES):
        assert not any(later.endswith(particle) for later in PARTICLES[i + 1 :]), particle


def test_browser_gets_the_same_particles():
    assert all(f'"{particle}"' in Korean.js_splitter_code for particle in PARTICLES)
