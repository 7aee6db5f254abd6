"""Pyodide가 읽을 패키지 목록(`pyodide-lock.json`).

우리 휠은 이 폴더에서 받습니다. matplotlib과 그 의존성은 WebAssembly로 빌드한 휠이 CDN에만 있어,
절대 주소와 SHA-256으로 가리킵니다. `PYODIDE_PACKAGES`로 폴더를 주면 거기서 가져와 안에 넣습니다.
"""

import hashlib
import json
import shutil
from pathlib import Path

from lite.npm import PYODIDE, Failure

CDN = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE.version}/full/"
FIGURES = "matplotlib"


def official(pyodide: Path) -> dict:
    """npm 패키지에 든 공식 목록."""
    return json.loads((pyodide / "pyodide-lock.json").read_text("utf-8"))


def figure_packages(packages: dict) -> dict:
    """matplotlib과 그것의 의존성. NumPy는 우리 것을 사용합니다."""
    found: dict[str, dict] = {}

    def visit(name: str) -> None:
        if name in found or name == "numpy":
            return
        found[name] = _find(packages, name)
        for needed in found[name]["depends"]:
            visit(needed)

    visit(FIGURES)
    return found


def _find(packages: dict, name: str) -> dict:
    for key, package in packages.items():
        if key.lower().replace("_", "-") == name.lower().replace("_", "-"):
            return package
    raise Failure(f"Pyodide {PYODIDE.version}의 목록에 {name}이(가) 없습니다.")


def entry(wheel: Path, imports: list[str], depends: list[str]) -> dict:
    """이 폴더의 휠 하나."""
    name, version = wheel.name.split("-")[:2]
    return {
        "name": name.replace("_", "-"), "version": version, "file_name": wheel.name,
        "install_dir": "site", "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package", "imports": imports, "depends": depends,
        "unvendored_tests": False,
    }  # fmt: skip


def take_figures(packages: dict, folder: Path | None, target: Path) -> dict:
    """그림 패키지들의 항목. ``folder``의 휠을 ``target``에 복사하고, 없으면 CDN을 가리킵니다."""
    figures = figure_packages(packages)
    if folder is None:
        return {
            name: package | {"file_name": CDN + package["file_name"]}
            for name, package in figures.items()
        }
    if not folder.is_dir():
        raise Failure(f"PYODIDE_PACKAGES={folder}: 그런 폴더가 없습니다.")
    problems = [
        why
        for package in figures.values()
        if (why := _problem(folder / package["file_name"], package["sha256"]))
    ]
    if problems:
        raise Failure(
            f"PYODIDE_PACKAGES={folder}: 사용할 수 없는 휠이 있습니다.\n  "
            + "\n  ".join(problems)
            + f"\nPyodide {PYODIDE.version}의 휠이어야 합니다. {CDN}에서 받을 수 있습니다."
        )
    for package in figures.values():
        shutil.copyfile(folder / package["file_name"], target / package["file_name"])
    return figures


def _problem(wheel: Path, sha256: str) -> str | None:
    if not wheel.is_file():
        return f"{wheel.name}: 없음"
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return None if found == sha256 else f"{wheel.name}: SHA-256이 다름 ({found})"


def write(target: Path, info: dict, ours: list[dict], figures: dict) -> None:
    """그림이 되는 목록과, 표로 대신하는 목록을 씁니다."""
    packages = {package["name"]: package for package in ours}
    for name, extra in (("pyodide-lock.json", figures), ("pyodide-lock-tables.json", {})):
        depends = [*packages["ddialab"]["depends"], *([FIGURES, "ddialab-fonts"] if extra else [])]
        listed = packages | extra | {"ddialab": packages["ddialab"] | {"depends": depends}}
        text = json.dumps({"info": info, "packages": listed}, indent=1, sort_keys=True)
        (target / name).write_text(text + "\n", "utf-8")
