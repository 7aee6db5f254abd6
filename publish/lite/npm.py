"""npm 패키지를 받아 풉니다. 버전과 해시를 못 박아, 다른 것이 오면 빌드하지 않습니다."""

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple


class Failure(Exception):
    """고칠 것을 한국어로 말하는 실패. 역추적 없이 이 문장만 보입니다."""


class Package(NamedTuple):
    """npm 패키지 하나: 이름, 버전, 내려받은 파일의 SHA-512."""

    name: str
    version: str
    sha512: str

    @property
    def folder(self) -> str:
        return f"{self.name.replace('/', '-').lstrip('@')}-{self.version}"


PYODIDE = Package(
    "pyodide", "0.27.7",
    "RUSVJlhQdfWfgO9hVHCiXoG+nVZQRS5D9FzgpLJ/VcgGBLSAKoPL8kTiOikxbHQm1kRISeWUBdulEgO26qpSRA==",
)  # fmt: skip
NUMPY = Package(
    "@emscripten-forge/numpy", "2.0.1-py312h4e66579-0",
    "64iP3tolNhBnKJBHs2b5Mg9s17BL8Bp9Ev2+U0fSCO3/zQlWQRCrExw2MgmfwjhNz+mwbKPG2eBsBcpBWV2xbA==",
)  # fmt: skip
SQL_JS = Package(
    "sql.js", "1.16.0",
    "q/JOZuJfmVh8Zf8Eo+cMJvtxAWeWBqTfJ6AQYGXZmcaLGHMwhA2niH3fQYHrBtPeOss1ttzHec07K5+rHaMRMw==",
)  # fmt: skip
XZ = Package(
    "xz-decompress", "0.2.3",
    "O8v6HG8T0PrKBcpyWA13GkSYWFvncwzuzcLx5A7++l3HsE3atmoetXjIxrZ/JV/nbvSZ7WS4+3XvREZuVn+rEA==",
)  # fmt: skip


def fetch(package: Package, cache: Path) -> Path:
    """``package``를 푼 폴더. 한 번 받은 것은 ``cache``에서 다시 사용합니다.

    npm이 없거나, 받지 못하거나, 해시가 다르면 `Failure`.
    """
    target = cache / package.folder
    if target.is_dir():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as draft:
        archive = _download(package, Path(draft))
        _check(package, archive)
        with tarfile.open(archive) as tar:
            tar.extractall(draft, filter="data")
        Path(draft, "package").rename(target)
    return target


def _download(package: Package, folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise Failure(
            "npm이 없습니다. 브라우저 실습실을 빌드하려면 Node.js와 npm이 있어야 합니다. "
            "sudo publish/system.sh가 설치합니다. 책만 빌드하려면 make html이면 됩니다."
        )
    spec = f"{package.name}@{package.version}"
    run = subprocess.run(
        [npm, "pack", "--silent", "--pack-destination", ".", spec],
        cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    archives = list(folder.glob("*.tgz"))
    if run.returncode or len(archives) != 1:
        raise Failure(
            f"npm 패키지 {spec}을(를) 받지 못했습니다. 네트워크와 남은 공간을 확인하세요.\n"
            + run.stderr.strip()
        )
    return archives[0]


def _check(package: Package, archive: Path) -> None:
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != package.sha512:
        raise Failure(
            f"npm 패키지 {package.name} {package.version}의 내용이 잠근 것과 다릅니다.\n"
            f"  잠근 SHA-512: {package.sha512}\n  받은 SHA-512: {found}\n"
            "버전을 일부러 올렸다면 publish/lite/npm.py의 해시를 함께 고치세요."
        )
