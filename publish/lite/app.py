"""JupyterLite를 빌드하고, 페이지를 한국어로 다듬고, 진행 막대를 답니다."""

import json
import os
import re
import shutil
import subprocess
import sys
from html import escape
from pathlib import Path

from lite import releases
from lite.npm import Failure

HERE = Path(__file__).parent
KERNEL = "@jupyterlite/pyodide-kernel-extension"
EXTENSIONS = (KERNEL, "@jupyter-widgets/jupyterlab-manager", "anywidget")
# 커널이 시작하면서 찾는 패키지들. loader.js가 한꺼번에 얹어 두므로 따로 설치하지 않게 합니다.
LOADED = ["micropip", "piplite", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython"]
SETTINGS = {
    "@jupyterlab/translation-extension:plugin": {"locale": "ko_KR"},
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 10},  # 초
    "@jupyterlab/notebook-extension:panel": {
        "toolbar": [{"name": "original", "command": "ddialab:original", "rank": 90}]
    },
}
BOOT = ("bar", "trouble", "kernel", "storage", "copy", "page")  # boot.js를 이루는 파일들
STILL = (
    "실습실을 열지 못하고 있습니다. 브라우저의 자바스크립트가 꺼져 있거나, 이 서버가 .js 파일을 "
    "자바스크립트로 보내지 않는 것입니다. 책의 서버로 여세요: 저장소에서는 make book, "
    "내려받은 묶음에서는 python serve.py를 칩니다."
)
TRANSLATED = ("jupyterlab", "jupyterlab_widgets", "notebook")  # 실습실에 있는 것의 번역만
DESCRIPTION = "설치 없이 브라우저에서 여는 실습실입니다. 데이터 시스템을 일부러 고장 내 봅니다."


def page_config() -> dict:
    kernel = {
        "pyodideUrl": "./pyodide/loader.js",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {"packages": LOADED},
    }
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "실습실",
            "exposeAppInBrowser": True,  # 진행 막대의 「모두 실행」이 명령을 부릅니다
            "litePluginSettings": {f"{KERNEL}:kernel": kernel},
        },
    }


def build(work: Path, target: Path, notebooks: list[Path]) -> None:
    """``work``에서 준비해 ``notebooks`` 폴더들의 것을 담은 JupyterLite를 ``target``에 빌드합니다.

    실패하면 `Failure`.
    """
    shutil.rmtree(work, ignore_errors=True)  # 지난번의 기록이 남아 있으면 덜 빌드합니다
    work.mkdir(parents=True)
    _write_json(work / "jupyter-lite.json", page_config())
    _write_json(work / "overrides.json", SETTINGS)
    released = releases.stage(notebooks, work / "contents")
    extensions = Path(sys.prefix, "share/jupyter/labextensions")
    settings = {
        "apps": ["notebooks"],
        "contents": [str(work / "contents")],
        "federated_extensions": [str(extensions / name) for name in EXTENSIONS],
        "ignore_sys_prefix": ["federated_extensions"],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "lite_dir": str(work), "cache_dir": str(work / "cache"), "output_dir": str(target),
    }  # fmt: skip
    _write_json(work / "jupyter_lite_config.json", {"LiteBuildConfig": settings})
    run = subprocess.run(
        [sys.executable, "-m", "jupyterlite_core", "build"], cwd=work,
        env=os.environ | {"SOURCE_DATE_EPOCH": "1577836800"},
        capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    if run.returncode:
        raise Failure(f"JupyterLite를 빌드하지 못했습니다.\n{(run.stdout + run.stderr)[-3000:]}")
    _write_json(target / releases.NAME, released)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), "utf-8")


def finish(target: Path, packed: dict[str, dict]) -> None:
    """노트북을 여는 페이지에 한국어 이름과 설명, 미리 받기, 진행 막대를 넣습니다."""
    (target / "boot.js").write_text(boot_script(), "utf-8")
    (target / "boot.css").write_bytes((HERE / "assets/boot.css").read_bytes())
    korean = target / "api/translations/ko_KR.json"
    pack = json.loads(korean.read_text("utf-8"))
    pack["data"] = {name: pack["data"][name] for name in TRANSLATED}
    korean.write_text(json.dumps(pack, ensure_ascii=False), "utf-8")
    page = target / "notebooks/index.html"
    html = page.read_text("utf-8")
    ahead = "".join(
        f'<link rel="prefetch" href="../pyodide/{file["file"]}" as="fetch">'
        for file in packed.values()
    )
    icon = '<link rel="icon" type="image/svg+xml" href="../../_static/favicon.svg">'
    boot = '<link rel="stylesheet" href="../boot.css"><script src="../boot.js"></script>'
    still = f'<p class="boot-still">{STILL}</p>'
    html = _replace(html, r"<html[^>]*>", '<html lang="ko">')
    html = _replace(html, r"<title>.*?</title>", "<title>실습실</title>")
    html = _replace(
        html, r'(<meta name="Description" content=)"[^"]*"', rf'\1"{escape(DESCRIPTION)}"'
    )
    # 사이트의 정책이 막는 것을 알아채도록 다른 스크립트보다 먼저 둡니다
    html = _replace(html, r'<meta charset="utf-8">', rf"\g<0>{boot}")
    html = _replace(html, r"</head>", f"{icon}{ahead}</head>")
    html = _replace(html, r"<noscript>.*?</noscript>", still)
    html = _replace(html, r"Loading JupyterLite\.\.\.", "실습실을 여는 중입니다")
    page.write_text(html, "utf-8")


def boot_script() -> str:
    """페이지의 스크립트 하나. 파일마다 맡은 것이 다르지만 요청은 하나입니다."""
    code = "\n".join((HERE / f"assets/boot/{name}.js").read_text("utf-8") for name in BOOT)
    return f'(function () {{\n"use strict";\n{code}}})();\n'


def _replace(html: str, pattern: str, new: str) -> str:
    changed, count = re.subn(pattern, new, html, count=1, flags=re.IGNORECASE | re.DOTALL)
    if not count:
        raise Failure(f"JupyterLite의 페이지에 {pattern}이(가) 없습니다. 버전이 바뀌었는지 보세요.")
    return changed
