"""브라우저 실습실의 크기를 말하는 수: 파이썬만이 아니라 받을 수 있는 것을 모두 셉니다."""

import playground

PACKED = '{"a": {"size": 2000000}, "b": {"size": 500000}}'


def test_the_largest_size_counts_the_screen_too(tmp_path):
    for name, content in {
        "pyodide/manifest.mjs": PACKED,
        "pyodide/manifest.js": PACKED,
        "build/1.js": "",
        "build/icons.svg": "x" * 10**6,
        "notebooks/index.html": "",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    (tmp_path / "build/1.js").write_bytes(bytes(range(256)) * 400_000)
    assert playground.megabytes(tmp_path) == "2.5"
    assert 2.5 < float(playground.most_megabytes(tmp_path)) < 3.5
