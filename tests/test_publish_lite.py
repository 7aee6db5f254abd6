"""브라우저 실습실을 빌드하는 도구(publish/lite): 꾸러미 받기, 다시 묶기, 목록, 대역, 도장."""

import ctypes
import hashlib
import json
import lzma
import random
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lite import app, lock, npm, releases, runtime, stamp, wheels
from lite.npm import Failure, Package

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache/lite/npm"
SHIMS = ROOT / "publish/lite/shims"


@pytest.fixture
def pyodide() -> Path:
    if not shutil.which("npm"):
        pytest.skip("npm이 없습니다. publish/system.sh가 설치합니다")
    return npm.fetch(npm.PYODIDE, CACHE)


# ── npm ────────────────────────────────────────────────────────────


def test_other_content_than_locked_is_refused(tmp_path, pyodide):
    altered = Package("xz-decompress", npm.XZ.version, "AAAA")
    with pytest.raises(Failure, match="잠근 것과 다릅니다"):
        npm.fetch(altered, tmp_path)
    assert list(tmp_path.iterdir()) == [], "의심스러운 것은 남기지 않습니다"


def test_missing_npm_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Failure, match=r"system\.sh"):
        npm.fetch(npm.XZ, tmp_path / "cache")


def test_unknown_version_says_which(tmp_path, pyodide):
    with pytest.raises(Failure, match=r"xz-decompress@0\.0\.0-none"):
        npm.fetch(Package("xz-decompress", "0.0.0-none", ""), tmp_path)


# ── 묶기 ───────────────────────────────────────────────────────────


def test_packing_twice_gives_the_same_bytes(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    files = {"pkg/a.py": tmp_path / "a.py"}
    name = "my_pkg-1.0-py3-none-any.whl"
    one = wheels.pack(files, tmp_path / "one.whl", name).read_bytes()
    two = wheels.pack(files, tmp_path / "two.whl", name).read_bytes()
    assert one == two
    with zipfile.ZipFile(tmp_path / "one.whl") as archive:
        assert "my_pkg-1.0.dist-info/METADATA" in archive.namelist()


def test_browser_package_leaves_out_grading_and_fonts():
    names = wheels.files_in(ROOT / "src", wheels.DDIALAB_USELESS)
    assert "ddialab/show/figure.py" in names
    assert "ddialab/show/assets/scene/scene.js" in names
    assert not [name for name in names if "classroom" in name or name.endswith((".otf", ".pyc"))]


def test_squeezed_file_opens_again_and_is_named_by_its_content(tmp_path):
    source, kept, target = tmp_path / "kernel.zip", tmp_path / "kept", tmp_path / "out"
    target.mkdir()
    source.write_bytes(b"one" * 1000)
    first = runtime.squeeze(source, "kernel.zip", kept, target)
    assert lzma.decompress((target / first["file"]).read_bytes()) == b"one" * 1000
    assert first["size"] == (target / first["file"]).stat().st_size
    source.write_bytes(b"two" * 1000)
    second = runtime.squeeze(source, "kernel.zip", kept, target)
    assert second["file"] != first["file"]
    assert [path.name for path in kept.iterdir()] == [second["file"]], "옛것은 쌓이지 않습니다"


# ── 목록 ───────────────────────────────────────────────────────────


def official(folder: Path) -> dict:
    """가짜 공식 목록과 휠: matplotlib은 pillow와 numpy에 기댑니다."""
    packages = {}
    for name, depends in (("matplotlib", ["Pillow", "numpy"]), ("Pillow", []), ("numpy", [])):
        wheel = folder / f"{name.lower()}-1-wasm.whl"
        wheel.write_bytes(name.encode())
        packages[name] = {
            "name": name, "depends": depends, "file_name": wheel.name,
            "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        }  # fmt: skip
    return packages


def test_figures_come_from_the_cdn_by_absolute_address_and_hash(tmp_path):
    packages = official(tmp_path)
    figures = lock.take_figures(packages, None, tmp_path)
    assert sorted(figures) == ["Pillow", "matplotlib"], "NumPy는 우리 것을 씁니다"
    assert figures["matplotlib"]["file_name"] == lock.CDN + "matplotlib-1-wasm.whl"
    assert figures["matplotlib"]["sha256"] == packages["matplotlib"]["sha256"]


def test_figures_from_a_folder_are_checked_and_copied(tmp_path):
    folder, target = tmp_path / "wheels", tmp_path / "site"
    folder.mkdir()
    target.mkdir()
    packages = official(folder)
    figures = lock.take_figures(packages, folder, target)
    assert figures["matplotlib"]["file_name"] == "matplotlib-1-wasm.whl"
    assert sorted(path.name for path in target.iterdir()) == [
        "matplotlib-1-wasm.whl",
        "pillow-1-wasm.whl",
    ]
    (folder / "pillow-1-wasm.whl").write_bytes(b"altered")
    (folder / "matplotlib-1-wasm.whl").unlink()
    with pytest.raises(Failure) as told:
        lock.take_figures(packages, folder, target)
    assert "matplotlib-1-wasm.whl: 없음" in str(told.value)
    assert "pillow-1-wasm.whl: SHA-256이 다름" in str(told.value)
    assert lock.CDN in str(told.value), "어디서 받는지도 말합니다"


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(Failure, match="그런 폴더가 없습니다"):
        lock.take_figures(official(tmp_path), tmp_path / "nowhere", tmp_path)


def test_only_the_list_with_figures_makes_ddialab_wait_for_them(tmp_path):
    ours = [{"name": "ddialab", "depends": ["numpy"]}, {"name": "ddialab-fonts", "depends": []}]
    lock.write(tmp_path, {"python": "3.12"}, ours, {"matplotlib": {"name": "matplotlib"}})
    depends = {
        name: json.loads((tmp_path / name).read_text())["packages"]["ddialab"]["depends"]
        for name in ("pyodide-lock.json", "pyodide-lock-tables.json")
    }
    assert depends["pyodide-lock.json"] == ["numpy", "matplotlib", "ddialab-fonts"]
    assert depends["pyodide-lock-tables.json"] == ["numpy"]


def test_real_lock_knows_every_figure_package(pyodide):
    figures = lock.figure_packages(lock.official(pyodide)["packages"])
    assert {"matplotlib", "contourpy", "kiwisolver", "fonttools"} <= set(figures)
    assert all(len(package["sha256"]) == 64 for package in figures.values())


# ── 페이지 ─────────────────────────────────────────────────────────────


def test_changed_page_of_a_new_version_is_noticed():
    with pytest.raises(Failure, match="버전이 바뀌었는지"):
        app._replace("<p>title이 없는 쪽</p>", r"<title>.*?</title>", "<title>실습실</title>")


def test_stamp_follows_labs_and_package(tmp_path):
    (tmp_path / "labs").mkdir()
    (tmp_path / "src/ddialab/recorded").mkdir(parents=True)
    lab = tmp_path / "labs/01.ipynb"
    lab.write_text("{}")
    site = tmp_path / "site"
    site.mkdir()
    assert not stamp.fresh(site, tmp_path), "도장이 없는 것은 지은 것이 아닙니다"
    (site / stamp.NAME).write_text(stamp.stamp(tmp_path) + "\n")
    assert stamp.fresh(site, tmp_path)
    (tmp_path / "src/classroom").mkdir()
    (tmp_path / "src/classroom/grade.py").write_text("x = 1\n")
    assert stamp.fresh(site, tmp_path), "채점기를 고쳐도 실습실은 그대로입니다"
    for path, text in ((lab, '{"cells": []}'), (tmp_path / "src/ddialab/recorded/01.json", "1")):
        path.write_text(text)
        assert not stamp.fresh(site, tmp_path), path.name
        (site / stamp.NAME).write_text(stamp.stamp(tmp_path) + "\n")


def cell(source: str, **more) -> dict:
    return {"cell_type": "code", "source": source, "outputs": [], "metadata": {}, **more}


def test_notebook_is_marked_by_what_it_asks_not_by_what_it_answered(tmp_path):
    labs = tmp_path / "labs"
    (labs / ".ipynb_checkpoints").mkdir(parents=True)
    (labs / "recorded").mkdir()
    (labs / "recorded/one.json").write_text("{}")
    marks = []
    for number, cells in enumerate(([cell("1")], [cell("1", outputs=[2])], [cell("2")])):
        notebook = {"cells": cells, "metadata": {"kernelspec": {}}, "nbformat": 4}
        (labs / "01-제목.ipynb").write_text(json.dumps(notebook))
        staged = tmp_path / f"staged{number}"
        (mark,) = releases.stage([labs], staged).values()
        written = json.loads((staged / "01-제목.ipynb").read_text("utf-8"))
        assert written["cells"] == cells
        assert written["metadata"]["kernelspec"] == {}
        assert written["metadata"][releases.KEY] == {"lab": "01-제목.ipynb", "release": mark}
        assert sorted(path.name for path in staged.iterdir()) == ["01-제목.ipynb", "recorded"]
        marks.append(mark)
    assert marks[0] == marks[1] != marks[2]


def test_page_labels_of_the_book_never_show_in_a_notebook():
    """`(lab-07)=` 같은 줄은 책만 알아봅니다. 실습실과 JupyterLab에는 그대로 보입니다."""
    shown = [
        (path.name, line)
        for path in (ROOT / "labs").glob("*.ipynb")
        for one in json.loads(path.read_text("utf-8"))["cells"]
        for line in "".join(one["source"]).splitlines()
        if one["cell_type"] == "markdown" and re.fullmatch(r"\([\w-]+\)=\s*", line)
    ]
    assert shown == []


# ── 대역 ───────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def ours():
    """파이썬으로 옮긴 pyhdrh. 이름이 같은 C 모듈과 섞이지 않게 따로 들여옵니다."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("pyhdrh_in_python", SHIMS / "pyhdrh.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("word", [2, 4, 8])
def test_histogram_codec_agrees_with_the_c_original(ours, seed, word):
    import pyhdrh

    rng, length = random.Random(seed), 400
    top = 2 ** min(8 * word - 2, 52)  # 더해도 64비트를 넘지 않게
    values = [rng.choice([0, 0, 0, rng.randrange(100), rng.randrange(top)]) for _ in range(length)]
    kind = ours.WORDS[word] * length
    counts, room = kind(*values), length * (word + 1)
    written = {}
    for codec in (ours, pyhdrh):
        out = (ctypes.c_char * room)()
        size = codec.encode(ctypes.addressof(counts), length, word, ctypes.addressof(out), room)
        written[codec] = out.raw[:size]
    assert written[ours] == written[pyhdrh]

    read = {}
    for codec in (ours, pyhdrh):
        back = kind()
        about = codec.decode(written[ours], 0, ctypes.addressof(back), length, word)
        read[codec] = (list(back), about)
    assert read[ours] == read[pyhdrh]
    assert read[ours][0] == values

    small = kind(*[value % 100 for value in values])
    sums = {}
    for codec in (ours, pyhdrh):
        total = kind(*range(length)) if word > 2 else kind(*[n % 50 for n in range(length)])
        codec.add_array(ctypes.addressof(total), ctypes.addressof(small), length, word)
        sums[codec] = list(total)
    assert sums[ours] == sums[pyhdrh]


SQL = """
import os, sqlite3, tempfile

def said(action):
    try:
        return action()
    except sqlite3.Error as error:
        return type(error).__name__, str(error)

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "one.db")
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    run = lambda sql, *values: said(lambda: (
        lambda c: (c.fetchall(), c.rowcount, c.description and [d[0] for d in c.description])
    )(db.execute(sql, values)))
    print(run("CREATE TABLE posts (id INTEGER PRIMARY KEY AUTOINCREMENT, author TEXT NOT NULL, n)"))
    print(run("INSERT INTO posts (author, n) VALUES (?, ?), (?, ?)", "나래", 1, "준호", None))
    print(run("SELECT * FROM posts"))
    print(run("SELECT ?, ?, ?, ?", True, 2.5, b"ab", -(2**40)))
    print(run("UPDATE posts SET n = 3"))
    print(run("INSERT INTO posts (id, author) VALUES (1, 'x')"))
    print(run("INSERT INTO posts (author) VALUES (NULL)"))
    print(run("SELECT * FROM nowhere"))
    print(run("SELEC 1")[0])
    print(run("SELECT 1; SELECT 2")[0])
    print(run("BEGIN"), run("DELETE FROM posts"), run("ROLLBACK"))
    print(run("SELECT count(*) FROM posts"))
    db.executemany("INSERT INTO posts (author, n) VALUES (?, ?)", [("a", 1), ("b", 2)])
    copy = sqlite3.connect(os.path.join(folder, "copy.db"))
    db.backup(copy)
    copy.close()
    again = sqlite3.connect(os.path.join(folder, "copy.db"))
    print(again.execute("SELECT count(*), max(id) FROM posts").fetchone())
    again.close()
    db.close()
    print(run("SELECT 1"))
    back = sqlite3.connect(path)
    print(back.execute("SELECT count(*) FROM posts").fetchone())
    back.close()
    print(said(lambda: sqlite3.connect(os.path.join(folder, "none", "x.db"))))
    with open(os.path.join(folder, "bad.db"), "wb") as file:
        file.write(b"this is not a database at all, not even close" * 30)
    bad = sqlite3.connect(os.path.join(folder, "bad.db"))
    print(said(lambda: bad.execute("SELECT * FROM sqlite_master").fetchall()))
"""


def test_sqlite_of_the_browser_answers_like_the_real_one(tmp_path, pyodide):
    script = tmp_path / "sql.py"
    script.write_text(SQL, "utf-8")
    native = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    sql = npm.fetch(npm.SQL_JS, CACHE)
    harness = Path(__file__).with_name("run_in_pyodide.mjs")
    run = subprocess.run(
        ["node", harness, pyodide, sql, SHIMS, script], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stdout.splitlines() == native
