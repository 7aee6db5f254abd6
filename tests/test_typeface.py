"""글꼴: 독자가 스스로 그린 그림에서도 한글과 음의 부호가 보이고, 독자가 고른 글꼴은 남습니다."""

import subprocess
import sys
import warnings

import matplotlib
import pytest
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ddialab import typeface

HANGUL = "응답 시간 뷁 ≈ ∑ ⟨x⟩"  # 끝의 괄호는 Pretendard에 없습니다
PLAIN = {"font.family": ["sans-serif"], "axes.unicode_minus": True}


@pytest.fixture
def plain():
    """방금 켜진 matplotlib. 먼저 돈 테스트가 바꾼 것도 다음 테스트로 넘기지 않습니다."""
    default = matplotlib.rcParamsDefault.copy()
    with matplotlib.rc_context(PLAIN):
        matplotlib.rcParamsDefault.update(PLAIN)
        yield
        matplotlib.rcParamsDefault.update(default)


def squares(**chosen) -> list[str]:
    """한글 제목과 음수 눈금이 있는 그림에서 네모로 나온 글자들에 대한 경고."""
    with matplotlib.rc_context(chosen), warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        figure = Figure()
        axes = figure.subplots()
        axes.set_title(HANGUL if not chosen else HANGUL.split("⟨")[0])
        axes.plot([-3, 2])
        FigureCanvasAgg(figure).draw()
        ticks = "".join(tick.get_text() for tick in axes.get_yticklabels())
    return [str(one.message) for one in said] + ["−"] * ticks.count("−")


def test_hangul_and_minus_are_seen(plain):
    assert squares(), "글꼴을 알려 주기 전에는 네모여야 합니다"
    typeface.register(font_manager)
    assert squares() == []
    matplotlib.rcdefaults()
    assert squares() == []


def test_a_font_that_is_not_here_is_replaced_by_one_with_hangul(plain):
    typeface.register(font_manager)
    assert squares(**{"font.family": ["Malgun Gothic"]}) == []


def test_what_the_reader_chose_stays(plain):
    matplotlib.rcParams["font.family"] = ["DejaVu Serif"]
    typeface.register(font_manager)
    assert matplotlib.rcParams["font.family"] == ["DejaVu Serif"]


@pytest.mark.parametrize(
    "imports", ["ddialab, matplotlib.font_manager", "matplotlib.font_manager, ddialab"]
)
def test_importing_is_enough_in_either_order_and_loads_nothing_heavy(imports):
    first = imports.split(",")[0]
    code = f"""
import sys
import {first}
print("matplotlib" in sys.modules)
import {imports}
print(matplotlib.rcParams["font.family"], matplotlib.rcParams["axes.unicode_minus"])
print(sum(one.name == "Pretendard" for one in matplotlib.font_manager.fontManager.ttflist))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy, chosen, known = run.stdout.splitlines()
    assert heavy == str(first != "ddialab")
    assert chosen == "['Pretendard', 'sans-serif'] False"
    assert known == "2"
