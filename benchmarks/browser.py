"""브라우저: 재는 것들이 함께 쓰는 크로미움과 빌드한 책. 없으면 재지 못한 까닭을 말합니다."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reader import BOOK, chromium

from benchmarks.promise import Unmeasured
from pdf import FLAGS, browser_home


def built(part: str, how: str) -> Path:
    """빌드한 책. 그 안에 ``part``가 없으면 `Unmeasured`."""
    if not (BOOK / part).exists():
        raise Unmeasured(f"지은 것이 없습니다. 먼저 {how}")
    return BOOK


def program() -> str:
    if found := chromium():
        return found
    raise Unmeasured("크로미움이 없습니다. publish/system.sh가 설치합니다")


@contextmanager
def opened(*more: str) -> Iterator:
    """깃발을 더한 크로미움 하나."""
    from playwright.sync_api import sync_playwright

    with (
        browser_home() as env,
        sync_playwright() as driver,
        driver.chromium.launch(executable_path=program(), args=[*FLAGS, *more], env=env) as running,
    ):
        yield running
