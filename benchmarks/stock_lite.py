"""견줄 상대: 손대지 않은 JupyterLite. 커널이 기본으로 쓰는 Pyodide와 꾸러미를 받은 그대로 둡니다.

기본은 Pyodide를 CDN에서 받으므로, 네트워크 없이 견주려고 npm의 것을 옆에 둡니다. 꾸러미는 PyPI의
내용 그대로를 휠로 묶습니다. 이 Pyodide의 NumPy는 CDN에만 있어 빠집니다. 실습의 첫 셀은 NumPy를
찾다가 멈추므로, 받은 양과 시간은 진짜보다 적게 재어집니다.
"""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from lite import app, lock, npm, wheels

CACHE = wheels.ROOT / ".cache/lite"
PYODIDE = npm.Package(
    "pyodide", "314.0.7",
    "0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A==",
)  # fmt: skip
MICROPIP = "micropip==0.11.1"  # 이 Pyodide의 목록에 있는 버전
KERNEL_DEPENDS = {  # jupyterlite-pyodide-kernel에 든 휠과 그것이 기대는 것
    "piplite": ["micropip"],
    "pyodide_kernel": ["ipython", "comm", "jedi"],
    "ipykernel": ["pyodide-kernel"],
}
LAB_NEEDS = ("ipywidgets", "anywidget")  # 실습 07의 첫 셀이 들여오는 것


def build(folder: Path) -> Path:
    """``folder``에 빌드하고 그 자리를 돌려줍니다."""
    site = folder / "site"
    _build_app(folder / "app", site)
    pyodide = site / "pyodide"
    shutil.copytree(npm.fetch(PYODIDE, CACHE / "npm"), pyodide)
    official = json.loads((pyodide / "pyodide-lock.json").read_text("utf-8"))
    packages = {}
    for name in ("ipython", "jedi", "comm", *LAB_NEEDS):
        _add_installed(packages, pyodide, name)
    for wheel in wheels.kernel_wheels(tuple(KERNEL_DEPENDS)):
        shutil.copyfile(wheel, pyodide / wheel.name)
        top = wheel.name.split("-")[0]
        packages[top.replace("_", "-")] = lock.entry(wheel, [top], KERNEL_DEPENDS[top])
    packages["micropip"] = _download_micropip(pyodide) | {"depends": ["packaging"]}
    _add_installed(packages, pyodide, "packaging")
    ours = wheels.files_in(wheels.ROOT / "src", re.compile(r"^/(?!ddialab/)|__pycache__"))
    wheel = _zip(ours, pyodide / "ddialab-0.1.0-py3-none-any.whl", "ddialab", "0.1.0")
    packages["ddialab"] = lock.entry(wheel, ["ddialab"], list(LAB_NEEDS))
    listed = {"info": official["info"], "packages": packages}
    (pyodide / "pyodide-lock.json").write_text(json.dumps(listed), "utf-8")
    return site


def _build_app(work: Path, site: Path) -> None:
    work.mkdir(parents=True)
    # 하나씩 설치하게 두면 PyPI에 물어보느라 네트워크 없이는 멈추므로, 목록에서 한꺼번에 받게 합니다
    preloaded = {"packages": app.LOADED}
    kernel = {"pyodideUrl": "./pyodide/pyodide.mjs", "loadPyodideOptions": preloaded}
    settings = {
        "exposeAppInBrowser": True,  # 첫 셀을 실행할 명령을 부를 수 있게만 합니다
        "litePluginSettings": {f"{app.KERNEL}:kernel": kernel},
    }
    config = {"jupyter-lite-schema-version": 0, "jupyter-config-data": settings}
    (work / "jupyter-lite.json").write_text(json.dumps(config), "utf-8")
    extensions = Path(sys.prefix, "share/jupyter/labextensions")
    settings = {
        "apps": ["notebooks"], "contents": [str(wheels.ROOT / "labs")],
        "federated_extensions": [str(extensions / name) for name in app.EXTENSIONS],
        "ignore_sys_prefix": ["federated_extensions"],
        "lite_dir": str(work), "cache_dir": str(work / "cache"), "output_dir": str(site),
    }  # fmt: skip
    (work / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": settings}))
    subprocess.run(
        [sys.executable, "-m", "jupyterlite_core", "build"],
        cwd=work, capture_output=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def _download_micropip(target: Path) -> dict:
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:",
         "--python-version", "3.14", "-d", str(target), MICROPIP],
        capture_output=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return lock.entry(next(target.glob("micropip-*.whl")), ["micropip"], [])


def _add_installed(packages: dict, target: Path, name: str) -> None:
    """설치된 ``name``과 그것이 기대는 것을 모두 휠로 묶습니다."""
    name = re.sub(r"[-_.]+", "-", name).lower()
    try:
        about = distribution(name)
    except PackageNotFoundError:  # 이 운영체제에서는 필요 없는 것
        return
    if name in packages:
        return
    needs = [r for r in about.requires or [] if "extra ==" not in r and "psutil" not in r]
    depends = [re.match(r"[\w.-]+", need)[0].lower().replace("_", "-") for need in needs]
    files = {
        str(file): Path(about.locate_file(file))
        for file in about.files or []
        if not re.search(r"^\.\.|__pycache__|\.so$|\.dist-info/", str(file))
    }
    version = about.version
    stem = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    wheel = _zip(files, target / stem, name, version)
    tops = sorted({name.split("/")[0].removesuffix(".py") for name in files if ".py" in name})
    packages[name] = lock.entry(wheel, tops, [])
    for need in depends:
        _add_installed(packages, target, need)
    packages[name]["depends"] = [need for need in depends if need in packages]


def _zip(files: dict[str, Path], target: Path, name: str, version: str) -> Path:
    """PyPI의 휠처럼 파일마다 눌러 묶습니다."""
    stored = wheels.pack(files, target.with_suffix(".stored"), (name, version))
    with (
        zipfile.ZipFile(stored) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for inside in source.namelist():
            out.writestr(inside, source.read(inside))
    stored.unlink()
    return target
