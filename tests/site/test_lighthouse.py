"""Lighthouse의 점수: 휴대전화에서 연 첫 쪽, 글 쪽, 실습 쪽.

GitHub Pages처럼 압축하는 호스트에서 잽니다. 속도 점수는 느린 휴대전화와 4G를 흉내 낸 것이고, 다른
일이 컴퓨터를 함께 쓰면 낮게 나옵니다. 그래서 모자라면 네 번 더 재어 다섯 번의 가운데값을 봅니다.
"""

import json
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
from pathlib import Path

import pytest
from reader import chromium
from static_host import StaticHost

from pdf import FLAGS

VERSION = "12.8.2"
CACHE = Path(__file__).resolve().parents[2] / ".cache"
FOLDER = CACHE / "lighthouse"
PAGES = [
    "index.html",
    "chapters/1-data-systems/cache-miss.html",
    "labs/02-cache-miss.html",
    "labs/19-evolvability.html",
]
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
MORE_RUNS = 4
LIMIT = 180  # 초. 한 번 재는 데 10초쯤 걸립니다
TIMINGS = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time",
           "cumulative-layout-shift"]  # fmt: skip


def installed() -> bool:
    about = FOLDER / "node_modules/lighthouse/package.json"
    return about.is_file() and json.loads(about.read_text("utf-8"))["version"] == VERSION


@pytest.fixture(scope="session")
def lighthouse() -> Path:
    """정해 둔 판의 Lighthouse. 없으면 npm으로 `.cache`에 받습니다."""
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("npm이 없습니다. publish/system.sh가 설치합니다")
    if not installed():
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund",
                   "--prefix", str(FOLDER), f"lighthouse@{VERSION}"]  # fmt: skip
        env = {**os.environ, "npm_config_cache": str(CACHE / "npm")}
        run = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if run.returncode:
            pytest.skip(f"npm으로 Lighthouse {VERSION}을 받지 못했습니다: {run.stderr[-300:]}")
    return FOLDER / "node_modules/.bin/lighthouse"


@pytest.fixture(scope="session")
def measure(lighthouse, book, socket_folder):
    """`measure(path)`는 쪽 하나를 재고 보고서를 돌려줍니다."""
    program = chromium()
    if not program:
        pytest.skip("크로미움이 없습니다. publish/system.sh가 설치합니다")
    flags = " ".join(["--headless=new", "--disable-quic", *FLAGS])
    options = ["--output=json", "--quiet", "--no-enable-error-reporting", f"--chrome-flags={flags}"]
    # Lighthouse가 강제로 끝낸 크로미움은 제 임시 폴더를 남기므로 폴더째 지웁니다.
    with (
        tempfile.TemporaryDirectory(prefix="l-", dir=socket_folder) as home,
        StaticHost(book) as host,
    ):
        env = {**os.environ, "CHROME_PATH": program, "HOME": home, "TMPDIR": home}
        yield lambda path: audit([str(lighthouse), f"{host.url}/{path}", *options], env)


def audit(command: list[str], env: dict[str, str]) -> dict:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=env, **pipes) as process:
        try:
            out, err = process.communicate(timeout=LIMIT)
        except BaseException:
            process.send_signal(signal.SIGINT)  # 스스로 끝나며 제 크로미움을 닫게 합니다
            raise
    assert process.returncode == 0, err[-2000:]
    return json.loads(out)


def scores(report: dict) -> dict[str, int]:
    return {name: round(100 * report["categories"][name]["score"]) for name in LEAST}


def lost(report: dict) -> list[str]:
    """점수를 깎은 항목들."""
    audits = report["audits"]
    names = [ref["id"] for name in LEAST for ref in report["categories"][name]["auditRefs"]
             if ref["weight"]]  # fmt: skip
    return [
        f"{name}: {audits[name].get('displayValue') or audits[name]['title']}"
        for name in names
        if audits[name]["score"] is not None and audits[name]["score"] < 0.9
    ]


def told(path: str, report: dict, runs: list[int]) -> str:
    values = [report["audits"][name]["displayValue"].replace("\xa0", " ") for name in TIMINGS]
    return f"{path}: {scores(report)}, 속도 {runs}, FCP·LCP·TBT·CLS {', '.join(values)}"


@pytest.mark.parametrize("path", PAGES)
def test_page_scores_on_a_phone(measure, path, capsys):
    reports = [measure(path)]
    if scores(reports[0])["performance"] < LEAST["performance"]:
        reports += [measure(path) for _ in range(MORE_RUNS)]
    runs = [scores(report)["performance"] for report in reports]
    middle = reports[runs.index(statistics.median(runs))]
    with capsys.disabled():
        print("\n" + told(path, middle, runs))
    short = {name: got for name, got in scores(middle).items() if got < LEAST[name]}
    assert not short, lost(middle)
