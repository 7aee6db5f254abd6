"""페이지마다의 설명. 화면의 말이 한국어인지는 페이지를 여는 김에 test_pages.py가 봅니다."""

import re
from html import unescape

from reader import PAGES, source


def test_pages_describe_themselves_differently():
    """설명이 같으면 검색 결과에서 페이지를 가려낼 수 없습니다. 첫 페이지만 두 번 쓰입니다."""
    described = {}
    for path in PAGES:
        said = re.search(r'<meta name="description" content="([^"]*)">', source(path))
        text = unescape(said[1])
        described.setdefault(text, []).append(path)
    assert [paths for paths in described.values() if len(paths) > 1] == [
        ["chapters/index.html", "index.html"]
    ]
    assert [text for text in described if not 20 <= len(text) <= 150] == []
