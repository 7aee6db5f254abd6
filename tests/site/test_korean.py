"""쪽마다의 설명. 화면의 말이 한국어인지는 쪽을 여는 김에 test_pages.py가 봅니다."""

import re
from html import unescape

from reader import PAGES, source


def test_pages_describe_themselves_differently():
    """설명이 같으면 찾기 사이트의 결과에서 쪽을 가려낼 수 없습니다. 첫 쪽만 두 번 쓰입니다."""
    described = {}
    for path in PAGES:
        said = re.search(r'<meta name="description" content="([^"]*)">', source(path))
        text = unescape(said[1])
        described.setdefault(text, []).append(path)
    assert [paths for paths in described.values() if len(paths) > 1] == [
        ["chapters/index.html", "index.html"]
    ]
    assert [text for text in described if not 20 <= len(text) <= 150] == []
