"""jar를 한 번만 받고, 고정한 것(`jars.sha256`)과 같은지 봅니다."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from ddialab.core.address import hide_password
from ddialab.core.errors import BackendUnavailable
from ddialab.core.workspace import Workspace
from jvm.folder import check_room, waiting_turn
from jvm.java import find_maven
from jvm.progress import tell, wait_for

ROOM = 200 << 20  # 바이트. jar와 Maven이 함께 받는 것이 들어갈 크기
# 대화 없이, 진행 막대 없이, 체크섬이 틀리면 실패로, 답이 없으면 1분까지만 기다리게
MAVEN = ("-B", "-ntp", "-C", "-Daether.connector.requestTimeout=60000")
TELL_EVERY = 10  # 개. 받는 동안 이만큼마다 알립니다
CAUSES = (  # (Maven의 말, 까닭, 할 일)
    (r"Unknown host|UnknownHost|Name or service|unreachable|refused|timed out|No route|reset",
     "받는 곳에 닿지 않습니다",
     "인터넷과, Maven의 프록시나 미러(~/.m2/settings.xml)를 확인하세요."),
    (r"PKIX|certificate", "받는 곳의 인증서를 Java가 믿지 않습니다",
     "학교나 회사의 인증서를 Java에 등록하세요(keytool -importcert -cacerts)."),
    (r"40[137]|Proxy Auth|Unauthorized|Forbidden", "받는 곳이나 프록시가 거절합니다",
     "Maven의 프록시나 미러의 비밀번호(~/.m2/settings.xml)를 확인하세요."),
    (r"No space left", "디스크가 가득 찼습니다", "공간을 비우세요."),
    (r"JAVA_HOME|Unable to locate the Java", "Maven이 Java를 찾지 못합니다",
     "JAVA_HOME에 Java의 폴더를 적으세요."),
)  # fmt: skip
AGAIN = "받은 데까지는 남아 있으니 다시 치면 이어서 받습니다."


class Jars(NamedTuple):
    """제품 하나의 jar들: 이름, `pom.xml`과 `jars.sha256`이 든 폴더, 받는 크기(MB)."""

    name: str
    here: Path
    size: int

    def pinned(self) -> dict[str, str]:
        """{Maven 저장소 안의 경로: SHA-256}. 클래스를 찾는 순서입니다."""
        lines = (self.here / "jars.sha256").read_text(encoding="utf-8").splitlines()
        return {path: digest for digest, path in (line.split() for line in lines)}

    def broken(self, repository: Path) -> list[str]:
        """없거나 고정한 것과 다른 jar들의 경로."""
        pins = self.pinned()
        return [path for path in pins if digest_of(repository / path) != pins[path]]


def digest_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


@contextlib.contextmanager
def gathered(jars: Jars, cache: Path) -> Iterator[list[Path]]:
    """갖춘 jar들의 경로. 다 있으면 네트워크도 Maven도 안 씁니다.

    여럿이 함께 부르면 하나만 받고 나머지는 기다립니다. 블록 안의 일도 한 번에 하나만 합니다.
    """
    repository = cache / "maven"
    with waiting_turn(cache):
        if missing := jars.broken(repository):
            _download(jars, repository, missing)
        yield [repository / path for path in jars.pinned()]


def _download(jars: Jars, repository: Path, missing: list[str]) -> None:
    maven = find_maven(jars.name)
    check_room(repository.parent, ROOM)
    for path in missing:  # 있으면서 다른 것은 Maven이 다시 받지 않습니다
        (repository / path).unlink(missing_ok=True)
    tell(f"{jars.name}의 jar {len(missing)}개를 받습니다(처음 한 번, {jars.size} MB쯤).")
    argv = [maven, *MAVEN, f"-Dmaven.repo.local={repository}", "-f", jars.here / "pom.xml"]
    with Workspace() as workspace:
        process = workspace.run([*argv, "dependency:resolve"])
        code = wait_for(process, _progress(repository, missing))
        said = process.log.read_text(errors="replace")
    if code:
        raise _not_downloaded(jars.name, said)
    if wrong := jars.broken(repository):
        raise BackendUnavailable(
            f"받은 jar {len(wrong)}개가 고정한 것과 다릅니다({Path(wrong[0]).name}).",
            f"publish/{jars.here.name}/jars.sha256과 같아야 합니다.",
            "Maven의 미러가 바꾼 것일 수 있습니다. ~/.m2/settings.xml을 확인하세요.",
        )


def _progress(repository: Path, missing: list[str]) -> Callable[[], None]:
    """부를 때마다 받은 수를 세어, `TELL_EVERY`만큼 늘었으면 알립니다."""
    told = 0

    def count() -> None:
        nonlocal told
        got = sum((repository / path).exists() for path in missing)
        if got >= told + TELL_EVERY:
            tell(f"  {got}/{len(missing)}")
            told = got

    return count


def _not_downloaded(name: str, said: str) -> BackendUnavailable:
    """Maven이 실패한 까닭을 독자의 말로."""
    problem = f"{name}의 jar를 받지 못했습니다"
    errors = [line for line in said.splitlines() if re.search("ERROR|JAVA_HOME|error", line)]
    for sign, why, todo in CAUSES:
        if re.search(sign, "\n".join(errors)):
            return BackendUnavailable(f"{problem}. {why}.", todo, AGAIN)
    last = hide_password((errors or ["Maven이 아무 말 없이 끝났습니다"])[0])[:300]
    return BackendUnavailable(f"{problem}({last}).", "", AGAIN)
