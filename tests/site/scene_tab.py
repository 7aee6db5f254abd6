"""장면의 작은 페이지를 여는 탭: 크로미움 하나에서 탭 하나를 돌려 씁니다. 모델은 가짜입니다."""

import pytest
from reader import DRAWN
from scene_page import CLUSTER, SHELF, crowd, description, write

DESK, PHONE, SMALL = (1280, 900), (375, 667), (320, 640)
SCENE = "ddialabScene.mounted[0]"


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("scenes")
    cluster, shelf = description(CLUSTER), description(SHELF)
    return {
        "cluster": write(folder, "cluster", cluster),
        "dark": write(folder, "dark", cluster, shelf, theme="dark"),
        "shelf": write(folder, "shelf", shelf),
        "both": write(folder, "both", cluster, shelf),
        "crowd": write(folder, "crowd", crowd(200)),
        "retries": write(folder, "retries", with_retries(cluster)),
        "asking": write(folder, "asking", asking(cluster)),
    }


def with_retries(about: dict) -> dict:
    """도는 동안 돌릴 수 없는 슬라이더도 있는 장면."""
    knob = {
        "name": "retries",
        "label": "재시도",
        "texts": ["0번", "1번"],
        "start": 0,
        "live": False,
    }
    return about | {"knobs": [*about["knobs"], knob], "saved": about["saved"] | {"at": [2, 0]}}


def asking(about: dict) -> dict:
    """서버를 켜면 묻는 장면."""
    ask = {"id": "start", "question": "언제 다시 받을까요?", "choices": ["곧", "나중"], "unit": ""}
    return about | {"asks": [ask]}


@pytest.fixture(scope="module")
def tab(browser):
    context = browser.new_context()
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    yield page
    context.close()


@pytest.fixture
def visit(tab, pages):
    """`visit(이름, 해시)`로 처음 온 사람처럼 엽니다. 끝까지 스크립트의 오류가 없어야 합니다."""

    def opened(name: str, hash_: str = "", size=DESK, **media):
        tab.goto("about:blank")
        forget(tab)
        tab.set_viewport_size({"width": size[0], "height": size[1]})
        usual = {"reduced_motion": "no-preference", "forced_colors": "none", "media": "screen"}
        tab.emulate_media(**usual | media)
        tab.goto(pages[name] + hash_)
        tab.wait_for_function(DRAWN)
        return tab

    yield opened
    found, tab.problems[:] = [*tab.problems], []
    assert found == [], found


def forget(page) -> None:
    """이 페이지들이 남긴 것을 모두 지웁니다. 열어 둔 세션은 정해 둔 media를 되돌리므로 끊습니다."""
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": "file://", "storageTypes": "all"})
    session.detach()


def at(page, seconds: float) -> None:
    """그 시각까지 본 다음 거기서 멈춥니다."""
    page.evaluate(f"{SCENE}.pause(); {SCENE}.seek({seconds * 1000})")


def idle(page) -> None:
    """모델에 한 부탁이 다 끝날 때까지 기다립니다."""
    page.evaluate(f"(async () => {{ await {SCENE}.branch.live.last; await null; }})()")


def asked(page) -> list:
    return page.evaluate("fake.log")


def told(page) -> str:
    return page.inner_text(".dds-told")


def hint(page) -> str:
    return page.text_content(".dds-hint")
