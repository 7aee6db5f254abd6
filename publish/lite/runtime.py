"""브라우저의 파이썬이 사는 폴더 `lite/pyodide`를 만듭니다: 압축해 둔 파일들, 목록, 띄우는 코드."""

import hashlib
import json
import lzma
import shutil
from importlib.metadata import version
from pathlib import Path

from lite import lock, npm, wheels
from lite.npm import Failure

ASSETS = Path(__file__).with_name("assets")
SOURCES = wheels.ROOT / "src"
XZ = {"check": lzma.CHECK_CRC32, "preset": 9 | lzma.PRESET_EXTREME}


def make(target: Path, cache: Path, figures: Path | None) -> dict[str, dict]:
    """``target``에 Pyodide와 패키지들을 놓고, 압축해 둔 파일들의 {이름: {file, size}}를 돌려줍니다.

    ``figures``는 matplotlib 휠이 든 폴더이고, 없으면 CDN의 주소를 씁니다.
    """
    target.mkdir(parents=True)
    home, numpy, sql, xz = (
        npm.fetch(package, cache / "npm")
        for package in (npm.PYODIDE, npm.NUMPY, npm.SQL_JS, npm.XZ)
    )
    made = _make_archives(cache, home, numpy)
    sources = {
        "pyodide.asm.js": made["asm.js"],
        "pyodide.asm.wasm": home / "pyodide.asm.wasm",
        "sql-wasm.wasm": sql / "dist/sql-wasm.wasm",
        "python_stdlib.zip": made["stdlib"],
        "kernel.zip": made["kernel"],
        made["ddialab"].name: made["ddialab"],
        made["numpy"].name: made["numpy"],
    }
    files = {name: squeeze(path, name, cache / "packed", target) for name, path in sources.items()}
    shutil.copyfile(home / "pyodide.mjs", target / "pyodide.js")  # .mjs를 모르는 서버가 많습니다
    for path in (ASSETS / "loader.js", made["fonts"]):
        shutil.copyfile(path, target / path.name)
    _write_vendor(target / "vendor.js", xz, sql)
    _write_lock(target, lock.official(home), made, files, figures)
    return files


def _make_archives(cache: Path, home: Path, numpy: Path) -> dict[str, Path]:
    stage, draft = cache / "stage", cache / "draft"
    wheels.stage(stage, home, numpy)
    wheels.translate(stage, home)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    ours, its = version("ddialab"), npm.NUMPY.version.split("-")[0]
    everything = {name: wheels.files_in(stage / name, wheels.NOTHING) for name in wheels.STAGED}
    return {
        "asm.js": _with_backtrace(home / "pyodide.asm.js", draft / "pyodide.asm.js"),
        "stdlib": wheels.pack(everything["stdlib"], draft / "python_stdlib.zip"),
        "kernel": wheels.pack(everything["kernel"], draft / "kernel.zip"),
        "numpy": _wheel(everything["numpy"], draft / f"numpy-{its}-{wheels.PLATFORM}.whl"),
        "ddialab": _wheel(
            wheels.files_in(SOURCES, wheels.DDIALAB_USELESS),
            draft / f"ddialab-{ours}-py3-none-any.whl",
        ),
        "fonts": _wheel(
            wheels.files_in(SOURCES, wheels.ALL_BUT_FONTS),
            draft / f"ddialab_fonts-{ours}-py3-none-any.whl",
        ),
    }


def _wheel(files: dict[str, Path], target: Path) -> Path:
    return wheels.pack(files, target, target.name)


def _with_backtrace(source: Path, target: Path) -> Path:
    """Pyodide에 `backtrace` 함수를 더합니다. 0을 돌려주어 「호출한 곳을 모른다」고 답합니다.

    NumPy는 256 KB보다 큰 임시 배열을 재사용할지 정할 때 이 함수로 호출한 곳을 봅니다(temp_elide.c).
    Pyodide에는 없어서 커널이 통째로 죽습니다. 모른다고 답하면 재사용하지 않고 새로 만들 뿐입니다.
    """
    start, code = "var wasmImports={", source.read_text("utf-8")
    if code.count(start) != 1:
        raise Failure(f"{source.name}에 {start}가 없습니다. Pyodide의 버전이 바뀌었는지 보세요.")
    target.write_text(code.replace(start, f"{start}backtrace:()=>0,"), "utf-8")
    return target


def squeeze(source: Path, name: str, kept: Path, target: Path) -> dict:
    """``source``를 xz로 압축해 ``target``에 두고 {file: 해시가 붙은 이름, size: 바이트}를 줍니다.

    압축한 것은 ``kept``에 두고, 내용이 같으면 다시 사용합니다.
    """
    data = source.read_bytes()
    file = f"{name}.{hashlib.sha256(data).hexdigest()[:12]}.xz"
    path = kept / file
    if not path.exists():
        kept.mkdir(parents=True, exist_ok=True)
        for old in kept.glob(f"{name}.*.xz"):
            old.unlink()
        draft = path.with_suffix(".draft")
        draft.write_bytes(lzma.compress(data, **XZ))
        draft.replace(path)
    shutil.copyfile(path, target / file)
    return {"file": file, "size": path.stat().st_size}


def _write_vendor(target: Path, xz: Path, sql: Path) -> None:
    """CommonJS로 쓰인 두 라이브러리를 ES 모듈 하나로 감쌉니다."""
    wrap = "((module, exports, require) => {{\n{}\nreturn module.exports; }})(...commonJS())"
    codes = [
        (package / path).read_text("utf-8")
        for package, path in ((xz, "dist/package/xz-decompress.min.js"), (sql, "dist/sql-wasm.js"))
    ]
    squeezed, database = (wrap.format(code) for code in codes)
    target.write_text(
        "const commonJS = () => { const module = { exports: {} }; "
        "return [module, module.exports, () => globalThis]; };\n"
        f"export const {{ XzReadableStream }} = {squeezed};\n"
        f"export const initSqlJs = {database};\n",
        "utf-8",
    )


def _write_lock(target: Path, official: dict, made: dict, files: dict, folder: Path | None) -> None:
    figures = lock.take_figures(official["packages"], folder, target)
    entries = [
        lock.entry(made["ddialab"], ["ddialab"], ["numpy"]),
        lock.entry(made["numpy"], ["numpy"], []),
        lock.entry(made["fonts"], [], []),
    ]
    lock.write(target, official["info"], entries, figures)
    probe = None if folder else figures[lock.FIGURES]["file_name"]
    manifest = {"PACKED": files, "FIGURES": {"probe": probe, "inside": folder is not None}}
    lines = [f"export const {name} = {json.dumps(value)};\n" for name, value in manifest.items()]
    (target / "manifest.js").write_text("".join(lines), "utf-8")
