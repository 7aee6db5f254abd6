"""책 빌드: 쓸 수 없는 폴더와 모자란 디스크를 빌드하기 전에 알립니다."""

import io
import shutil
from types import SimpleNamespace

import build


def test_blocked_folder_is_named(tmp_path):
    (tmp_path / "_build").write_text(
        "폴더가 아님", "utf-8"
    )  # root는 권한을 무시하므로 이렇게 막습니다
    assert "쓸 수 없습니다" in build.check_folder(tmp_path)


def test_full_disk_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=3 * 2**20))
    assert "3 MB만 남았습니다" in build.check_folder(tmp_path)


def test_good_folder_is_left_clean(tmp_path):
    assert build.check_folder(tmp_path) is None
    assert list((tmp_path / "_build").iterdir()) == []


def test_progress_is_short_and_korean():
    out = io.StringIO()
    progress = build.Progress(out)
    for percent in range(0, 101, 5):
        progress.write(f"\rreading sources... [ {percent}%] chapters/x")
    progress.write("looking for now-outdated files... none found")
    assert out.getvalue().splitlines() == [f"  페이지를 읽는 중 {n}%" for n in (0, 25, 50, 75, 100)]
