"""잠근 의존성을 브라우저용으로 다시 묶습니다.

브라우저의 파이썬도 `requirements.txt`로 설치한 바로 그 버전을 사용합니다. 새로 받지 않고 `.venv`에
설치된 파일 가운데 순수한 파이썬만 골라 `.pyc`로 바꿉니다. 둘로 나눕니다.

- `kernel.zip`: 커널과 실습의 의존성. 실습실이 뜰 때 한꺼번에 풉니다.
- 휠: `ddialab`과 글꼴, NumPy. 셀이 `import`할 때 Pyodide가 설치합니다.
"""

import base64
import hashlib
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from lite.npm import Failure

ROOT = Path(__file__).resolve().parents[2]
STAGED = ("stdlib", "kernel", "numpy")
PLATFORM = "cp312-cp312-pyodide_2024_0_wasm32"
SHIMS = Path(__file__).with_name("shims")
EPOCH = (2020, 1, 1, 0, 0, 0)  # 다시 묶어도 바이트까지 같게

# 커널이 사용하는 것, 실습이 사용하는 것. 자동 완성의 jedi와 터미널의 prompt_toolkit은 뺐습니다.
KERNEL = (
    "asttokens", "comm", "executing", "ipython", "ipython-pygments-lexers", "matplotlib-inline",
    "pure-eval", "pygments", "stack-data", "traitlets",
    "typing-extensions", "anywidget", "cachetools", "ddsketch", "fakeredis", "fastavro",
    "hdrhistogram", "ipywidgets", "psygnal", "redis", "six", "sortedcontainers",
)  # fmt: skip
KERNEL_WHEELS = ("pyodide_kernel", "ipykernel")  # jupyterlite-pyodide-kernel에 든 휠
USELESS = re.compile(
    r"\.(so|pyi|pyx|pxd|map|h|c|exe|typed|1|js|css)$|(^|/)(tests?|__pycache__)/|^\.\.|^bin/"
    r"|\.dist-info/(?!METADATA)"
    r"|^IPython/(sphinxext/|extensions/(?!__init__|storemagic)|testing/(?!__init__|skipdoctest)"
    r"|terminal/(?!__init__|pt_inputhooks/__init__))"
    # 코드를 칠하는 것 가운데 IPython이 부르는 언어만
    r"|^pygments/lexers/(?!__init__|_mapping|python|special|shell|html|javascript|ruby|perl|markup"
    r"|css|jvm|data|unicode)|^pygments/lexers/_(?!mapping|_init__)|^pygments/cmdline"
    r"|^pygments/(styles/(?!__init__|_mapping|default)|formatters/(img|latex|rtf|svg|groff))"
    # Redis에 덧붙이는 모듈(검색, JSON …)과 여러 데이터 센터: 실습의 서버에 없습니다
    r"|^redis/(asyncio/)?(multidb|http)/|^redis/commands/(bf|json|search|timeseries|vectorset)/"
)
STDLIB_USELESS = re.compile(
    r"^/(idlelib|lib2to3|turtledemo|tkinter|ensurepip|venv|pydoc_data|distutils|test|curses|dbm"
    r"|xmlrpc|wsgiref|msilib|multiprocessing|unittest|xml/dom|xml/sax|tomllib)/"
    r"|^/(turtle|mailbox|imaplib|nntplib|smtplib|ftplib|poplib|telnetlib|cgi|cgitb|aifc|sunau|wave"
    r"|chunk|crypt|pipes|pickletools|tabnanny|trace|mailcap|uu|xdrlib|sndhdr|imghdr|zipapp"
    r"|_osx_support|_aix_support|plistlib|modulefinder|_pyio|_pydatetime|this|antigravity|optparse|doctest"
    r"|http/cookiejar|http/cookies|email/(_header_value_parser|headerregistry|policy)|asyncio/(windows_\w+|proactor_events)|concurrent/futures/process)\.py$"
    r"|^/encodings/(cp(?!437|949|1252)|iso8859_(?!1\.)|iso2022|mac_|koi8|kz1048|big5|gb|hz|johab"
    r"|shift|euc_j|hp_|palmos|ptcp|tis|bz2|mbcs|oem|quopri|rot|uu|zlib)"
)
NUMPY_USELESS = re.compile(
    r"^/(?!numpy/)|/tests/|/f2py/|/distutils/|/testing/|/_examples/|/include/|/doc/|\.(pyi|pyx|pxd|a|h|c)$|/lib/pkgconfig/"
    r"|/(_simd|_rational_tests|_umath_tests|_operand_flag_tests|_struct_ufunc_tests|_multiarray_tests"
    r"|lapack_lite)\."
)
# C로 된 함수에 설명을 붙이는 모듈들. 비워 둡니다
NUMPY_DOCS = ("numpy/_core/_add_newdocs.py", "numpy/_core/_add_newdocs_scalars.py")
DOCUMENTED = ("numpy/_core/multiarray.py",)  # 켜질 때 제 docstring을 읽는 모듈
DDIALAB_USELESS = re.compile(r"^/(?!ddialab/)|/(fonts|doctor|__pycache__)/")
ALL_BUT_FONTS = re.compile(r"^/(?!ddialab/show/fonts/)")
NOTHING = re.compile(r"/__pycache__/")


def stage(folder: Path, pyodide: Path, numpy: Path) -> None:
    """``folder`` 아래에 미리 컴파일할 것마다 폴더 하나를 만듭니다: stdlib, kernel, numpy.

    ``pyodide``와 ``numpy``는 푼 npm 패키지의 폴더입니다.
    """
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(pyodide / "python_stdlib.zip") as archive:
        kept = [name for name in archive.namelist() if not STDLIB_USELESS.search("/" + name)]
        archive.extractall(folder / "stdlib", kept)
    for name in KERNEL:
        _copy_installed(name, folder / "kernel")
    for wheel in kernel_wheels(KERNEL_WHEELS):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder / "kernel")
    for name, path in files_in(SHIMS, USELESS).items():
        _copy(path, folder / "kernel" / name)
    for name, path in files_in(unpacked(numpy), NUMPY_USELESS).items():
        _copy(path, folder / "numpy" / name)
    for name in NUMPY_DOCS:
        (folder / "numpy" / name).write_text("")


def files_in(folder: Path, useless: re.Pattern) -> dict[str, Path]:
    """``folder``의 파일을 {그 안의 이름: 경로}로. ``useless``에 맞는 이름은 뺍니다."""
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
    return {
        name: path
        for name, path in found.items()
        if path.is_file() and not useless.search("/" + name)
    }


def _copy_installed(name: str, target: Path) -> None:
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        raise Failure(
            f"{name}이(가) 설치되지 않았습니다. 잠근 의존성을 다시 설치하세요: "
            "rm .venv/.ready && make lite"
        ) from None
    for file in installed.files or []:
        if not USELESS.search(str(file)):
            _copy(Path(installed.locate_file(file)), target / str(file))
    for about in target.glob("*.dist-info/METADATA"):  # 소개글은 빼고 이름과 버전만
        about.write_text(about.read_text("utf-8").split("\n\n")[0] + "\n", "utf-8")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def kernel_wheels(names: tuple[str, ...]) -> Iterator[Path]:
    """jupyterlite-pyodide-kernel에 든 휠 가운데 ``names``의 것."""
    extension = distribution("jupyterlite-pyodide-kernel")
    for file in extension.files or []:
        if re.search(rf"pypi/({'|'.join(names)})-[^/]*\.whl$", str(file)):
            yield Path(extension.locate_file(file))


def unpacked(package: Path) -> Path:
    """npm 패키지 속의 conda 묶음을 푼 site-packages."""
    archive = next((package / "pkg").glob("*.tar.gz"))
    target = package / "unpacked"
    if not target.is_dir():
        shutil.unpack_archive(archive, target, filter="data")
    return next(target.glob("lib/python3.*/site-packages"))


def translate(folder: Path, pyodide: Path) -> None:
    """``folder``의 .py를 브라우저의 파이썬이 읽을 .pyc로 바꿉니다."""
    script = Path(__file__).with_name("compile.mjs")
    run = subprocess.run(
        ["node", str(script), str(pyodide), str(folder), *DOCUMENTED],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    if run.returncode:
        raise Failure(f".py를 .pyc로 바꾸지 못했습니다.\n{run.stderr[-2000:]}")


def pack(
    files: dict[str, Path],
    target: Path,
    wheel: str = "",
    about: Sequence[str] = (),
    compression: int = zipfile.ZIP_STORED,
) -> Path:
    """``files``를 zip ``target``으로 묶습니다. ``wheel``(휠의 파일 이름)을 주면 휠이 됩니다.

    ``about``은 휠의 METADATA에 더할 줄들입니다. 브라우저의 것은 압축하지 않습니다. 뒤에 xz가 통째로
    하는 편이 파일마다 따로 압축한 zip보다 훨씬 작습니다.
    """
    contents = {name: path.read_bytes() for name, path in files.items()}
    if wheel:
        contents |= _dist_info(contents, wheel, about)
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, data in contents.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), data, compression)
    return target


def _dist_info(contents: dict[str, bytes], wheel: str, about: Sequence[str]) -> dict[str, bytes]:
    """휠의 이름표. RECORD가 있어야 pip이 설치한 것을 확인하고 다 지울 수 있습니다."""
    name, version, tag = wheel.removesuffix(".whl").split("-", 2)
    info, head = f"{name}-{version}.dist-info", ["Metadata-Version: 2.4", f"Name: {name}"]
    made = {
        f"{info}/METADATA": "\n".join([*head, f"Version: {version}", *about, ""]).encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
    }
    rows = [f"{path},{_digest(data)},{len(data)}\n" for path, data in (contents | made).items()]
    return made | {f"{info}/RECORD": "".join([*rows, f"{info}/RECORD,,\n"]).encode()}


def _digest(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode()
    return f"sha256={digest.rstrip('=')}"
