"""브라우저의 검색 색인: FTS5가 없는 SQLite(sql.js)에서도 같은 것을 찾고 같은 것을 거절합니다."""

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from ddialab.blocks.search.fulltext import FullText
from ddialab.blocks.search.memory import MemoryIndex
from lite import npm

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src"
LETTERS = "가나다각ㅋabAB09_-*\"'() \n京é🎉…"
FOLLOW = """
def follow(index, steps):
    from ddialab.core.errors import InvalidValue
    answers = []
    for name, arguments in steps:
        try:
            answers.append(getattr(index, name)(*arguments))
        except InvalidValue as error:
            answers.append(str(error))
    return [*answers, len(index)]
"""
IN_BROWSER = """
import json, os, sys
for name, text in json.loads({files!r}).items():
    path = os.path.join("/tmp/src", name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
sys.path.insert(0, "/tmp/src")
os.environ.pop("OPENSEARCH_URL", None)
from ddialab.blocks.search import open_search
from ddialab.blocks.search.fulltext import FullText
from ddialab.core.errors import LabError
with open_search("/tmp/search.db") as index:
    print(json.dumps([index.name, follow(index, json.loads({steps!r}))]))
with FullText("/tmp/search.db") as again:
    print(json.dumps([again.name, again.find("남은"), again.version(100)]))
try:
    open_search(url="http://127.0.0.1:9200")
except LabError as error:
    print(json.dumps([type(error).__name__, str(error)]))
"""


def steps() -> list[tuple]:
    rng = random.Random(3)
    some = lambda: "".join(rng.choices(LETTERS, k=rng.randint(0, 9)))  # noqa: E731
    found = [("put", (100, "남은 게시글", 7))]
    for _ in range(150):
        found += [("put", (rng.randint(0, 9), some(), rng.randint(0, 3)))]
        found += [("find", (some(), rng.choice([None, 2]))), ("latest", ())]
        found += [("delete", (rng.randint(0, 9), rng.randint(0, 3))), ("text", (1,))]
    return [*found, ("put_many", ([(id, "가나 " + some()) for id in range(9)],)), ("find", ("나",))]


def in_browser(tmp_path) -> list:
    if not shutil.which("npm"):
        pytest.skip("npm이 없습니다. publish/system.sh가 설치합니다")
    folders = [npm.fetch(one, ROOT / ".cache/lite/npm") for one in (npm.PYODIDE, npm.SQL_JS)]
    files = {
        path.relative_to(SRC).as_posix(): path.read_text("utf-8")
        for floor in ("core", "blocks")
        for path in (SRC / "ddialab" / floor).rglob("*.py")
    }
    files["ddialab/__init__.py"] = ""
    script = tmp_path / "search.py"
    asked = {"files": json.dumps(files), "steps": json.dumps(steps())}
    script.write_text(FOLLOW + IN_BROWSER.format(**asked), "utf-8")
    harness = ROOT / "tests/run_in_pyodide.mjs"
    done = subprocess.run(
        ["node", harness, *folders, ROOT / "publish/lite/shims", script],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_browser_finds_what_is_found_here(tmp_path):
    (name, answers), again, (kind, said) = in_browser(tmp_path)
    assert name.endswith("(FTS4)"), "sql.js에는 FTS4만 있습니다"
    assert again == [name, [100], 7], "닫았다 열어도 남아 있습니다"
    here: dict = {}
    exec(FOLLOW, here)
    for index in (MemoryIndex(), FullText(module="fts5")):
        assert here["follow"](index, json.loads(json.dumps(steps()))) == answers
    assert kind == "MissingCapability", said
