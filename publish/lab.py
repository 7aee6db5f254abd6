"""실습을 JupyterLab에서 엽니다: `python publish/lab.py`. 뒤에 JupyterLab의 인자를 붙일 수 있습니다.

    python publish/lab.py --port 9000
    python publish/lab.py --ip=0.0.0.0        컨테이너 안에서, 바깥의 브라우저로 열 때
    python publish/lab.py --formgrader        글로 쓴 답을 채점하는 화면

`publish/jupyter`의 설정이 함께합니다: 한국어 메뉴, 소식 알림 끄기, 강사의 메뉴(nbgrader) 감추기.
"""

from __future__ import annotations

import argparse
import os
import sys
import webbrowser
from pathlib import Path

import serve
from runtime import private_runtime

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = ROOT / "publish/jupyter"
CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")


def free_port(text: str) -> int:
    """``text``번부터 비어 있는 포트. 다른 번호이면 그렇다고 알립니다."""
    with serve.open_server(ROOT, serve.port_number(text)) as probe:
        return probe.server_port


def has_browser() -> bool:
    """이 화면에 띄울 브라우저가 있는가. 창이 없는 리눅스에서는 글자로 된 브라우저가 뜹니다."""
    windows = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform == "linux" and not (windows or os.environ.get("BROWSER")):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def in_container() -> bool:
    return any(map(os.path.exists, CONTAINER_MARKS))


def surroundings(given: list[str]) -> tuple[list[str], list[str]]:
    """이 컴퓨터에 맞춘 (인자들, 독자에게 알릴 문장들). ``given``은 독자가 준 인자입니다."""
    options, notices = [], []
    if is_root():
        options.append("--allow-root")
        notices.append(
            "관리자(root)로 실행합니다. 노트북의 코드가 이 컴퓨터의 모든 파일을 고치고 지울 수 "
            "있습니다. 컨테이너가 아니면 보통 사용자로 실행하세요."
        )
    if in_container() and not any("ip=" in word for word in given):
        notices.append(
            "컨테이너 안이라 바깥의 브라우저에서는 열리지 않습니다. 열려면 포트를 연 컨테이너에서 "
            'make lab LAB="--ip=0.0.0.0"을 치세요.'
        )
    if not has_browser():
        options.append("--no-browser")
        notices.append(
            "띄울 브라우저가 없습니다. 아래의 token이 든 주소를 브라우저에 붙여 넣으세요."
        )
    return options, notices


def start(arguments: list[str], formgrader: bool) -> None:
    """서버를 띄우고 Ctrl-C까지 기다립니다."""
    if formgrader:
        from jupyter_server.serverapp import ServerApp

        os.chdir(ROOT / "assignments")  # nbgrader는 명령을 친 폴더에서 설정을 찾습니다
        page = "--ServerApp.default_url=/formgrader/gradebook"
        ServerApp.launch_instance([f"--ServerApp.root_dir={ROOT}", page, *arguments])
        return
    from jupyterlab.labapp import LabApp

    mine = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [mine, str(SETTINGS)]))
    LabApp.launch_instance([str(ROOT / "labs"), *arguments])


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--port", default="8888", help="포트 번호 (기본 8888)")
    parser.add_argument("--formgrader", action="store_true", help="채점 화면을 엽니다")
    chosen, given = parser.parse_known_args(argv)
    port = free_port(chosen.port)
    options, notices = surroundings(given)
    with private_runtime():
        print(*notices, f"{port}번 포트에 띄웁니다. 그만두려면 Ctrl-C를 두 번 누르세요.", sep="\n")
        sys.stdout.flush()
        start([f"--port={port}", *options, *given], chosen.formgrader)
    return 0


if __name__ == "__main__":
    sys.exit(main())
