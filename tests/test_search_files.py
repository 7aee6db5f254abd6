"""파일에 담긴 검색 색인: 두 프로세스가 함께 고치고, 죽어도 남고, 못 여는 까닭을 말합니다."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ddialab.blocks.search import open_search
from ddialab.blocks.search.fulltext import FullText
from ddialab.blocks.search.opensearch import OpenSearch
from ddialab.blocks.search.tantivy import Tantivy
from ddialab.blocks.search.terms import words
from ddialab.core.errors import BackendUnavailable, InvalidValue, MissingCapability, StorageFailure
from suite.effort import trials

WORDS = ("캐시", "로그", "큐", "색인", "표")

# 번호마다 버전을 올리며 적고, 적을 때마다 한 줄을 알립니다
WRITER = """
import random, sys
from ddialab.blocks.search.{module} import {kind}
rng = random.Random(int(sys.argv[2]))
words = {words!r}
with {kind}(sys.argv[1]) as index:
    print("open", flush=True)
    for version in range(1, int(sys.argv[3]) + 1):
        id = rng.randrange(9)
        if rng.random() < 0.2:
            index.delete(id, version)
            print(id, version, "", flush=True)
        else:
            text = f"{{rng.choice(words)}} {{version}}"
            index.put(id, text, version)
            print(id, version, text, flush=True)
"""


def writer(place: Path, seed: int, count: int, kind: type = FullText) -> subprocess.Popen:
    module = kind.__module__.rpartition(".")[2]
    code = WRITER.format(module=module, kind=kind.__name__, words=WORDS)
    argv = [sys.executable, "-c", code, place, str(seed), str(count)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def agrees(index) -> bool:
    """찾은 것이, 기억하는 글을 처음부터 훑은 것과 같은지."""
    held = {id: text for id in range(9) if (text := index.text(id)) is not None}
    scanned = [[id for id in held if word in words(held[id])] for word in WORDS]
    return scanned == [sorted(index.find(word)) for word in WORDS] and len(index) == len(held)


def test_two_processes_write_one_file(tmp_path):
    path = tmp_path / "search.db"
    both = [writer(path, seed, 60) for seed in (1, 2)]
    said = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    told = [line.split(" ", 2) for out, _ in said for line in out.splitlines()[1:]]
    assert len(told) == 120
    with FullText(path) as index:
        for id in range(9):
            newest = max((int(version) for one, version, _ in told if int(one) == id), default=None)
            assert index.version(id) == newest
        assert agrees(index)
        assert index.latest() == 60


@pytest.mark.parametrize("kind", [FullText, Tantivy])
@pytest.mark.parametrize("seed", range(trials(40)))
def test_an_acknowledged_put_survives_a_kill(tmp_path, kind, seed):
    place = tmp_path if kind is Tantivy else tmp_path / "search.db"
    process = writer(place, seed, 10_000, kind)
    after = random.Random(seed).randint(1, 25)
    told = [process.stdout.readline().split(" ", 2) for _ in range(after)][1:]
    process.send_signal(signal.SIGKILL)
    told += [line.split(" ", 2) for line in process.communicate()[0].splitlines() if line != "open"]
    assert process.returncode == -signal.SIGKILL
    with kind(place) as index:
        acknowledged = {int(id): (int(version), text.strip()) for id, version, text in told}
        for id, (version, text) in acknowledged.items():
            assert index.version(id) >= version, "답한 쓰기가 없어졌습니다"
            assert index.version(id) > version or (index.text(id) or "") == text
        assert agrees(index)


# ── 못 여는 것 ─────────────────────────────────────────────────────────────────


def sentences(error) -> str:
    assert error.problem
    assert error.accepted
    assert error.todo
    return str(error)


@pytest.mark.parametrize("name", ["none/search.db", "", "full"])
def test_a_file_that_cannot_be_opened_says_why(tmp_path, name):
    (tmp_path / "full").write_bytes(b"this is not a database at all" * 60)
    with pytest.raises(StorageFailure, match="검색 색인") as told:
        FullText(tmp_path / name)
    assert str(tmp_path) in sentences(told.value)


def test_a_file_of_the_other_module_is_not_misread(tmp_path, monkeypatch):
    path = tmp_path / "search.db"
    with FullText(path, module="fts4") as index:
        index.put(1, "캐시")
    with FullText(path) as index:
        assert index.module == "fts4", "만든 것으로 엽니다"
        assert index.find("캐") == [1]
    with pytest.raises(StorageFailure, match="FTS4로 만든") as told:
        FullText(path, module="fts5")
    sentences(told.value)
    monkeypatch.setattr(FullText, "_has", lambda self, module: module != "fts4")
    with pytest.raises(StorageFailure, match="FTS4로 만든"):
        FullText(path)


def test_an_unknown_module_is_refused():
    with pytest.raises(InvalidValue, match="fts5, fts4"):
        FullText(module="fts3")


@pytest.mark.parametrize("kind", [FullText, Tantivy])
def test_a_closed_index_says_so(kind):
    index = kind()
    index.close()
    index.close()
    for action in (
        lambda: index.put(1, "글"), lambda: index.find("글"), lambda: index.text(1), index.clear,
        index.latest, lambda: len(index),
    ):  # fmt: skip
        with pytest.raises(BackendUnavailable, match="이미 닫"):
            action()


def test_a_folder_of_tantivy_has_one_writer_and_is_left_clean(tmp_path):
    (tmp_path / "mine.txt").write_text("독자의 파일")
    index = Tantivy(tmp_path)
    index.put(1, "캐시를 읽는 법", 3)
    with pytest.raises(StorageFailure, match="다른 곳에서 이미 열어") as told:
        Tantivy(tmp_path)
    sentences(told.value)
    index.close()
    with Tantivy(tmp_path) as index:
        assert (index.find("캐시"), index.version(1), index.latest()) == ([1], 3, 3)
    index.drop()
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_batch_of_tantivy_that_breaks_off_leaves_nothing(monkeypatch):
    with Tantivy() as index:
        index.put(1, "옛 제목", 1)
        made = iter([index._document, None])
        monkeypatch.setattr(index, "_document", lambda entry: next(made)(entry))
        with pytest.raises(TypeError):
            index.put_many([(1, "새 제목", 2), (2, "새 글", 2)])
        monkeypatch.undo()
        assert index.put(3, "다음 글", 3)
        assert [index.text(id) for id in (1, 2, 3)] == ["옛 제목", None, "다음 글"]


def test_a_missing_folder_of_tantivy_is_named(tmp_path):
    with pytest.raises(StorageFailure, match="none") as told:
        Tantivy(tmp_path / "none")
    sentences(told.value)


def test_python_without_tantivy_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "tantivy", None)
    with pytest.raises(MissingCapability) as told:
        Tantivy()
    sentences(told.value)


def test_dropping_removes_the_file(tmp_path):
    index = FullText(tmp_path / "search.db")
    index.put(1, "글")
    index.drop()
    assert list(tmp_path.iterdir()) == []


# ── 어디에 둘지 ────────────────────────────────────────────────────────────────


def test_without_an_address_the_index_is_in_sqlite(tmp_path, monkeypatch):
    monkeypatch.delenv("OPENSEARCH_URL", raising=False)
    with open_search() as index:
        assert isinstance(index, FullText)
    with open_search(tmp_path / "a.db") as index:
        index.put(1, "글")
    assert (tmp_path / "a.db").exists()


@pytest.mark.parametrize(
    ("forced", "kind"), [("", OpenSearch), ("remote", OpenSearch), ("embedded", FullText)]
)
def test_the_address_of_the_reader_is_used(monkeypatch, forced, kind):
    monkeypatch.setenv("OPENSEARCH_URL", " 'http://reader.test:9200' ")
    monkeypatch.setenv("DDIALAB_BACKEND", forced)
    monkeypatch.setattr(OpenSearch, "__init__", lambda self, url: setattr(self, "url", url))
    index = open_search()
    assert isinstance(index, kind)
    assert getattr(index, "url", "") == (
        "" if forced == "embedded" else " 'http://reader.test:9200' "
    )
