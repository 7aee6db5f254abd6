"""책이 싣는 MicroPython은 어디서 온 것인지 알 수 있고, 페이지가 받는 것은 가볍습니다."""

import gzip
import hashlib

import pytest

from live import files, models

AFTER_FIRST_TOUCH = 250_000  # 바이트. 장면에 처음 손댈 때 받는 것(압축)
WITH_THE_PAGE = 3_000  # 바이트. 장면이 있는 페이지가 늘 받는 것(압축)


def test_micropython_is_the_one_that_is_named():
    head, *rows = (files.MICROPYTHON / "VERSION").read_text("utf-8").splitlines()
    assert head.startswith("npm @micropython/micropython-webassembly-pyscript 1.")
    assert "(MIT)" in head
    listed = {name: digest for digest, name in map(str.split, rows)}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files.MICROPYTHON.glob("micropython.*")
    }
    assert listed == found
    assert "MIT License" in (files.MICROPYTHON / "LICENSE").read_text("utf-8")


def test_another_micropython_is_not_turned_into_a_script_unseen():
    module = (files.MICROPYTHON / "micropython.mjs").read_text("utf-8")
    with pytest.raises(ValueError, match="AS_SCRIPT"):
        files.script(module + "\nimport.meta.url")


def test_what_the_page_receives_is_light():
    sizes = {name: len(gzip.compress(content, 6)) for name, content in files.files().items()}
    assert sizes["connect.js"] <= WITH_THE_PAGE
    for scene in models.scenes():
        received = ("micropython.wasm", "worker.js", f"{scene}.js")
        assert sum(sizes[name] for name in received) <= AFTER_FIRST_TOUCH, scene


def test_the_licence_travels_with_the_files():
    assert b"Permission is hereby granted" in files.files()["LICENSE.txt"]


def test_the_same_source_gives_the_same_text():
    """지금 만든 것과 다시 만든 것이 글자까지 같아야 브라우저가 다시 받지 않습니다."""
    scene = next(iter(models.scenes()))
    again = models.model.__wrapped__(scene)
    assert again == models.model(scene)
