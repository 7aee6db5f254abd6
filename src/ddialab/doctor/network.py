"""pip이 어디서 받는지: 설정 파일, 프록시, 거기에 연결되는지. 주소에 든 비밀번호는 가립니다."""

from __future__ import annotations

import configparser
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from ddialab.doctor.finding import Finding, bad, good, warn
from ddialab.doctor.outside import Unreachable, connect

PYPI = "https://pypi.org/simple"
SPOILS = {  # 가상 환경 안의 설치를 망치는 설정과 그 까닭
    "user": "가상 환경에는 --user로 설치할 수 없습니다",
    "target": "가상 환경이 아니라 다른 폴더에 설치합니다",
    "prefix": "가상 환경이 아니라 다른 폴더에 설치합니다",
    "root": "가상 환경이 아니라 다른 폴더에 설치합니다",
}
PROXIES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
PORTS = {"https": 443, "http": 80, "socks5": 1080, "socks5h": 1080, "socks4": 1080}


def settings_files() -> list[Path]:
    """pip이 읽는 설정 파일들. 뒤의 것이 앞의 것을 덮습니다."""
    home = Path.home()
    if os.environ.get("PIP_CONFIG_FILE") == os.devnull:
        return []
    own = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip/pip.conf"
    files = [Path("/etc/pip.conf"), home / ".pip/pip.conf", own]
    if sys.platform == "darwin":
        files.append(home / "Library/Application Support/pip/pip.conf")
    if os.name == "nt":
        files = [Path(os.environ.get("APPDATA", str(home))) / "pip/pip.ini"]
    named = os.environ.get("PIP_CONFIG_FILE")
    return [*files, Path(named)] if named else files


def settings() -> tuple[dict[str, str], list[Finding]]:
    """(pip의 설정, 읽지 못한 파일들). 환경 변수 ``PIP_…``가 파일을 덮습니다."""
    found, broken = {}, []
    for path in settings_files():
        parser = configparser.RawConfigParser()
        try:
            read = parser.read(str(path), encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            broken.append(bad(f"pip의 설정 파일 {path}: 읽을 수 없습니다", f"{path}를 고치세요"))
            continue
        if not read and str(path) == os.environ.get("PIP_CONFIG_FILE"):
            broken.append(bad(f"PIP_CONFIG_FILE={path}: 파일이 없습니다", "unset PIP_CONFIG_FILE"))
        for section in ("global", "install"):
            found.update(parser.items(section) if parser.has_section(section) else ())
    said = {name[4:].lower(): value for name, value in os.environ.items() if name[:4] == "PIP_"}
    found.update({name.replace("_", "-"): value for name, value in said.items()})
    return found, broken


def pip(installed: bool) -> list[Finding]:
    """pip의 설정이 성한지, 받아 올 자리에 닿는지. ``installed``면 닿지 않아도 됩니다."""
    found, broken = settings()
    spoiled = [
        bad(f"pip의 설정 {name}: {SPOILS[name]}", _undo(name))
        for name in SPOILS
        if found.get(name, "").lower() not in ("", "0", "false", "no", "off")
    ]
    return [*broken, *spoiled, *certificates(found)] or [source(found, installed)]


def certificates(found: dict[str, str]) -> list[Finding]:
    """없는 파일을 가리키는 인증서의 설정. pip은 아무것도 받지 못합니다."""
    named = {name: os.environ.get(name) for name in CERTIFICATES}
    wrong = {name: path for name, path in named.items() if path and not os.path.exists(path)}
    lost = [bad(f"{name}={wrong[name]}: 인증서 파일이 없습니다", f"unset {name}") for name in wrong]
    path = found.get("cert")
    if path and not os.path.exists(os.path.expanduser(path)):
        lost.append(bad(f"pip의 설정 cert={path}: 인증서 파일이 없습니다", _undo("cert")))
    return lost


def _undo(name: str) -> str:
    """pip의 설정 ``name``을 지우는 명령. 환경 변수로 정했으면 설정 파일을 고쳐도 그대로입니다."""
    variable = "PIP_" + name.upper().replace("-", "_")
    return f"unset {variable}" if variable in os.environ else f"pip config unset global.{name}"


def source(found: dict[str, str], installed: bool) -> Finding:
    """받아 올 자리(프록시가 있으면 프록시)에 닿는가."""
    if found.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        where = found.get("find-links", "").split()
        if where:
            return good(f"pip: 인터넷 없이 {hide(where[0])}에서 받습니다")
        return bad("pip의 설정 no-index: 받을 곳이 없습니다", _undo("no-index"))
    index = found.get("index-url") or PYPI
    via = proxy(found)
    host, port = place(via or index)
    name = f"프록시 {host}:{port}" if via else f"pip이 받는 곳 {host}"
    if not host or not port:
        return bad(
            f"{_origin(via or index)}: 읽을 수 없는 주소입니다", "http://주소:포트로 적으세요"
        )
    try:
        connect(host, port).close()
    except Unreachable as error:
        tell = warn if installed else bad
        return tell(
            f"{name}: {error}",
            "인터넷과 프록시(HTTPS_PROXY, pip config set global.proxy)를 확인하세요",
        )
    return good(f"{name}에 연결됩니다")


def _origin(address: str) -> str:
    """``address``를 어디에 적었는지."""
    names = (*PROXIES, "PIP_PROXY", "PIP_INDEX_URL")
    written = (name for name in names if os.environ.get(name) == address)
    return next(written, "pip의 설정 파일의 index-url이나 proxy")


def proxy(found: dict[str, str]) -> str:
    """pip이 지나는 프록시. 없으면 빈 문자열."""
    host = place(found.get("index-url") or PYPI)[0]
    exempt = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    skipped = [name.strip().lstrip(".") for name in exempt.split(",") if name.strip()]
    if found.get("proxy"):
        return found["proxy"]
    if "*" in skipped or any(host == name or host.endswith("." + name) for name in skipped):
        return ""
    return next(filter(None, map(os.environ.get, PROXIES)), "")


def place(url: str) -> tuple[str, int]:
    """주소의 (호스트, 포트). 읽을 수 없으면 빈 호스트입니다."""
    try:
        parts = urlsplit(url if "://" in url else "http://" + url)
        return parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return "", 0


def hide(url: str) -> str:
    """사용자 이름과 비밀번호를 뺀 주소."""
    if "://" not in url and "@" not in url:
        return url
    host, _ = place(url)
    return host or "…"
