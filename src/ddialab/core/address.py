"""독자가 적은 서버 주소를 읽습니다: 쓸 수 있는 꼴인지, 어디가 틀렸는지, 무엇은 보이면 안 되는지.

주소에는 비밀번호가 들어 있고, 틀린 주소에서는 그것이 어느 자리에 있는지 알 수 없습니다. 그래서
오류에는 확실히 비밀번호가 아닌 것(종류, 옵션의 이름)만 옮깁니다.
"""

from __future__ import annotations

import os.path
import re
import string
from urllib.parse import unquote, urlsplit

from ddialab.core.errors import BackendUnavailable, InvalidValue

DATABASE_FORM = "형식: postgresql://사용자:비밀번호@호스트:포트/데이터베이스"
EMPTY_IT = "DATABASE_URL을 고치고 커널을 다시 시작하세요. 비우면 SQLite를 사용합니다."
HIDDEN = "비밀번호일 수 있어 보여 주지 않습니다"
ENCODE = "비밀번호에 든 @ : / ? # [ ] % 빈칸은 %40 %3A %2F %3F %23 %5B %5D %25 %20으로 적으세요."
UNSEEN = "\u00a0\u200b\u200c\u200d\u2060\u3000\ufeff"  # 복사할 때 따라오는, 보이지 않는 글자들
AROUND = "\"'`‘’“”<>;,"  # 설정 파일이나 글에서 주소를 둘러싸는 글자들
# 설정 파일이 값으로 바꾸지 않은 변수와, 서비스의 화면이 비밀번호 자리에 적어 두는 예시 글자
VARIABLE = r"\$?\{\{[^{}]*\}\}|\$\{[^{}]*\}|\$\(\w+\)|^\$\w+$|^%\w+%$"
PLACEHOLDER = r":(?:[\[<({][^@]*(?:pass|pw|비밀번호|암호)[^@]*[\]>)}]|\*+|•+|비밀번호|암호)@"

INSIDE_ONLY = (
    "도커 컴포즈의 서비스 이름은 컨테이너 안에서만 통합니다. 밖에서는 localhost로 적으세요."
)
LEAVE_OUT = "다른 도구의 옵션일 수 있습니다. 빼세요."
# 다른 도구의 옵션: PostgreSQL의 클라이언트(libpq)는 모르지만 주소에 흔히 붙어 옵니다
FOREIGN_OPTIONS = {
    "pgbouncer": "실습은 풀러를 거쳐도 그대로 됩니다. 이 옵션을 빼세요.",
    "schema": "실습은 스키마를 따로 만듭니다. 이 옵션을 빼세요.",
    "ssl": "sslmode=require로 적으세요.",
    "sslaccept": "sslmode=require로 적으세요.",
}
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
OPTIONS = frozenset(
    """
    application_name channel_binding client_encoding connect_timeout dbname
    fallback_application_name gssdelegation gssencmode gsslib host hostaddr keepalives
    keepalives_count keepalives_idle keepalives_interval krbsrvname load_balance_hosts
    max_protocol_version min_protocol_version options passfile password port replication
    require_auth requirepeer requiressl service ssl_max_protocol_version
    ssl_min_protocol_version sslcert sslcertmode sslcompression sslcrl sslcrldir sslkey sslmode
    sslnegotiation sslpassword sslrootcert sslsni target_session_attrs tcp_user_timeout user
    """.split()  # noqa: SIM905
)
FIX_REDIS = "REDIS_URL을 고치고 커널을 다시 시작하세요."
REDIS_FORM = "redis://주소:포트/번호, rediss://…(TLS), unix://경로 꼴이어야 합니다."
FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
CERT_REQS = ("none", "optional", "required")
REDIS_OPTIONS = frozenset(
    """
    client_name db password ssl_ca_certs ssl_ca_path ssl_cert_reqs ssl_certfile
    ssl_check_hostname ssl_keyfile username
    """.split()  # noqa: SIM905
)

PASSWORDS = (r"://[^/\s:@]*:(.+)@", r"password=([^&\s]+)")  # 주소에서 비밀번호가 들어가는 두 곳


def read_database_url(typed: str, name: str = "DATABASE_URL") -> str:
    """PostgreSQL의 주소면 그대로(둘러싼 따옴표와 빈칸은 떼고) 돌려줍니다. 아니면 `InvalidValue`.

    ``name``은 오류에 적을 이름입니다. 파일의 경로로 쓰이는 일은 없습니다.
    """
    url = unquoted(typed)
    scheme, found, rest = url.partition("://")
    if empty := unfilled(url):
        raise InvalidValue(f"{name}: {empty[0]}.", DATABASE_FORM, empty[1])
    if not found or not re.fullmatch(r"postgres(ql)?", scheme, re.IGNORECASE):
        raise _other_kind(url, name)
    why, todo = _fault(rest)
    if why:
        raise InvalidValue(f"{name}: {why}", DATABASE_FORM, todo)
    return f"{scheme.lower()}://{rest}"


def read_redis_url(typed: str) -> str:
    """Redis 클라이언트가 읽는 주소(둘러싼 따옴표는 뗍니다). 아니면 `BackendUnavailable`."""
    url = re.sub(r"(?i)^(?:redis|valkey)(s?)://", _redis_scheme, unquoted(typed))
    url = re.sub(r"(?i)(?<=ssl_cert_reqs=)(?:cert_)?(\w+)", lambda found: found[1].lower(), url)
    if fault := unfilled(url) or _redis_fault(url):
        why, todo = fault
        raise BackendUnavailable(
            f"REDIS_URL={shown_url(unquoted(typed))}: 주소를 읽을 수 없습니다({why}).",
            REDIS_FORM,
            f"{todo} {FIX_REDIS}".strip(),
        )
    return url


def _redis_scheme(found: re.Match) -> str:
    return f"redis{found[1].lower()}://"


def looks_like_address(target: str) -> bool:
    """파일 경로가 아니라 서버의 주소로 적은 것인지. 비밀번호가 파일의 이름이 되면 안 됩니다."""
    conninfo = r"(?:^|[\s;])(?:host|hostaddr|server|dbname|database|user|username|password|pwd)\s*="
    address = rf"(?i)://|^jdbc:|{conninfo}|^[^/\\]+:[^/\\]*@"
    return bool(re.search(address, target) or re.search(VARIABLE, target))


def unquoted(typed: str) -> str:
    """둘러싼 빈칸과 따옴표를 뗍니다. 설정 파일이나 화면에서 옮겨 적을 때 함께 옵니다."""
    text = typed.strip(string.whitespace + UNSEEN)
    bare = text.strip(string.whitespace + UNSEEN + AROUND)
    return bare if "://" in bare or not bare else text


def hide_password(text: str, url: str = "") -> str:
    """주소 속 비밀번호를 ``***``로 바꿉니다. ``url``의 비밀번호가 ``text``에 나온 곳도 바꿉니다."""
    for pattern in PASSWORDS:
        for secret in filter(None, re.findall(pattern, url)):
            for spelled in {secret, unquote(secret)}:
                text = text.replace(spelled, "***")
        text = re.sub(pattern, lambda found: found[0].replace(found[1], "***"), text)
    return text


def shown_url(url: str) -> str:
    """비밀번호가 들어갈 수 있는 자리를 모두 뺀 주소. 조금이라도 헷갈리면 앞부분만 남깁니다."""
    scheme = re.match(r"(?i)[a-z][a-z0-9+.-]*(?=://)", url)
    hidden = f"{scheme.group().lower()}://…" if scheme else "…"
    try:
        parts = urlsplit(url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        where = f"{host or 'localhost'}:{parts.port}" if parts.port is not None else host
    except ValueError:
        return hidden
    if parts.scheme == "unix" and not host and re.fullmatch(r"/[\w./-]+", parts.path):
        return f"unix://{parts.path}"
    odd = not scheme or not where or "@" in parts.path + parts.query + parts.fragment
    if odd:
        return hidden
    number = parts.path if re.fullmatch(r"/\w*", parts.path) else ""
    return f"{parts.scheme}://{where}{number}"


def unfilled(url: str) -> tuple[str, str] | None:
    """채우지 않은 자리가 있으면 (까닭, 할 일). 변수의 이름도 비밀번호의 조각일 수 있습니다."""
    if re.search(VARIABLE, url):
        todo = "변수의 자리에 그 값을 적으세요. 비밀번호에 든 글자이면 $를 %24로 적으세요."
        return f"${{이름}} 꼴의 변수가 값으로 바뀌지 않았습니다({HIDDEN})", todo
    if re.search(PLACEHOLDER, url, re.IGNORECASE):
        todo = "그 자리에 서비스에서 받은 비밀번호를 적으세요."
        return "비밀번호 자리에 [YOUR-PASSWORD] 같은 예시 글자가 그대로 있습니다", todo
    return None


# ── PostgreSQL이 아닌 것 ───────────────────────────────────────────────────────


def _other_kind(url: str, name: str) -> InvalidValue:
    """어느 도구의 주소인지 짚고, 여기서 쓰는 꼴을 보여 줍니다."""
    scheme = re.match(r"[A-Za-z][\w+.-]+(?=:)", url)  # 한 글자는 Windows의 드라이브입니다
    named = scheme and re.match(r"(?i)jdbc:|[\w+.-]+:/", url)
    kind = scheme.group().lower() if named else ""
    if kind == "jdbc":
        why = "JDBC의 주소입니다."
        todo = "앞의 jdbc:를 떼고, 사용자와 비밀번호를 호스트 앞에 적으세요."
    elif re.match(r"(?i)postgres(ql)?(?!://)[:：/\\]", url):
        why, todo = "postgresql 뒤가 ://가 아닙니다.", "postgresql://로 시작하게 고치세요."
    elif re.search(r"(?i)[\s=:'\"]postgres(ql)?://", url):
        why = f"postgresql://로 시작하지 않고 앞에 다른 말이 있습니다({HIDDEN})."
        todo = "psql이나 DATABASE_URL= 같은 말은 빼고 postgresql://부터 적으세요."
    elif kind.startswith(("redis", "valkey")):
        why, todo = f"{kind}://는 Redis의 주소입니다.", "REDIS_URL에 적으세요."
    elif kind.startswith(("postgre", "postgis", "pgsql", "psql")):
        why, todo = f"{kind}://로 시작합니다.", "앞을 postgresql://로 바꾸세요."
    elif kind:
        why, todo = f"{kind}://는 PostgreSQL의 주소가 아닙니다.", ""
    elif form := _form_of_conninfo(url):
        why, todo = "「이름=값」을 늘어놓은 꼴(conninfo)입니다.", f"이렇게 적으세요: {form}"
    else:
        why, todo = f"postgresql://로 시작하지 않습니다({HIDDEN}).", ""
    return InvalidValue(f"{name}: {why}", DATABASE_FORM, " ".join(filter(None, (todo, EMPTY_IT))))


ALIASES = {
    "server": "host", "data source": "host", "database": "dbname", "initial catalog": "dbname",
    "user id": "user", "username": "user", "uid": "user", "pwd": "password",
}  # fmt: skip


def _form_of_conninfo(text: str) -> str:
    """``host=… dbname=… password=…``를 여기서 쓰는 꼴로. 비밀번호는 자리만 남깁니다."""
    pair = r"(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s'=]+)(?=\s|$)"
    if ";" in text:  # ADO.NET: Server=…;User Id=…;Password=…
        pair = r"(\w[\w ]*?)\s*=\s*([^;]*)"
    named = {key.lower(): value.strip("'") for key, value in re.findall(pair, text)}
    found = {ALIASES.get(key, key): value for key, value in named.items()}
    if not found.keys() & {"host", "hostaddr", "dbname", "user", "password"}:
        return ""
    plain = {key: value for key, value in found.items() if re.fullmatch(r"[\w.-]+", value)}
    port = f":{plain['port']}" if plain.get("port", "").isdigit() else ""
    user, secret = plain.get("user", "사용자"), ":비밀번호" if "password" in found else ""
    where = plain.get("host") or plain.get("hostaddr") or "호스트"
    return f"postgresql://{user}{secret}@{where}{port}/{plain.get('dbname', '데이터베이스')}"


# ── PostgreSQL의 주소에서 틀린 곳 ──────────────────────────────────────────────


def _fault(rest: str) -> tuple[str, str]:
    """``://`` 뒤의 (틀린 까닭, 할 일). 맞으면 빈 문자열 둘입니다."""
    login, _, place = rest.rpartition("@")
    if re.search(r"[@/?]", login):
        return f"@가 둘 이상이거나 @ 앞에 / ?가 있습니다({HIDDEN}).", ENCODE
    if re.search(rf"[\s{UNSEEN}]", rest):
        return "주소 안에 빈칸이나 보이지 않는 글자가 있습니다.", f"지우세요. {ENCODE}"
    if "//" in place.partition("?")[0]:
        return "주소 안에 //가 또 있습니다.", "호스트 자리에는 http:// 없이 이름만 적으세요."
    if re.search(r"%(?![0-9A-Fa-f]{2})|%00", rest):
        return "% 뒤에는 두 자리 16진수가 와야 합니다.", ENCODE
    hosts, options = re.fullmatch(r"([^/?]*)(?:/[^?]*)?(?:\?(.*))?", place).groups()
    return fault_of_hosts(hosts) or _fault_of_options(options or "") or ("", "")


def fault_of_hosts(hosts: str) -> tuple[str, str] | None:
    """쉼표로 이은 호스트와 포트에서 (틀린 까닭, 할 일). 맞으면 None입니다."""
    for host in hosts.split(","):
        bracketed = re.fullmatch(r"\[[0-9A-Fa-f:.%]+\](?::(.*))?", host)
        found = bracketed or re.fullmatch(r"[^:\[\]]*(?::([^:]*))?", host)
        if not found:
            return "호스트를 읽을 수 없습니다.", f"IPv6 주소는 [::1]로 감싸세요. {ENCODE}"
        port = found[1] or "1"
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            return f"포트가 1부터 65535까지의 수가 아닙니다({HIDDEN}).", ENCODE
        if not bracketed and not _is_name(unquote(host.partition(":")[0])):
            return "호스트가 이름이 아닙니다(점이 겹쳤거나 너무 긺).", "호스트의 철자를 확인하세요."
    return None


def _is_name(host: str) -> bool:
    """네트워크에 물어볼 수 있는 호스트의 이름인지. 유닉스 소켓의 경로도 됩니다."""
    try:
        return "/" in host or host.encode("idna") is not None
    except UnicodeError:
        return False


def _fault_of_options(options: str) -> tuple[str, str] | None:
    if "&amp;" in options:
        return "? 뒤에 &amp;가 있습니다(HTML에서 복사한 글자).", "&amp;를 &로 바꾸세요."
    pairs = dict(option.partition("=")[::2] for option in options.split("&") if option)
    foreign = [key for key in pairs if key not in OPTIONS]
    if not all(re.fullmatch(r"\w{1,40}", key) for key in foreign):
        return f"? 뒤의 옵션을 읽을 수 없습니다({HIDDEN}).", ENCODE
    if foreign:
        advice = dict.fromkeys(map(_instead_of, foreign))
        return f"{', '.join(foreign)}는 PostgreSQL이 모르는 옵션입니다.", " ".join(advice)
    mode = pairs.get("sslmode", "prefer")
    if mode not in SSL_MODES:
        shown = mode if re.fullmatch(r"[\w-]{1,20}", mode) else "…"
        return f"sslmode={shown}: 모르는 값입니다.", f"쓸 수 있는 값: {', '.join(SSL_MODES)}."
    if unescaped := next((key for key, value in pairs.items() if "=" in value), ""):
        todo = "값에 든 =는 %3D로 적으세요. 예: options=endpoint%3D이름"
        return f"{unescaped}의 값에 =가 그대로 있습니다({HIDDEN}).", todo
    return None


def _instead_of(option: str) -> str:
    lower = option.lower()
    return FOREIGN_OPTIONS.get(lower, f"{lower}로 적으세요." if lower in OPTIONS else LEAVE_OUT)


# ── Redis의 주소에서 틀린 곳 ───────────────────────────────────────────────────


def _redis_fault(url: str) -> tuple[str, str] | None:
    """Redis의 주소에서 (틀린 까닭, 할 일). 맞으면 None입니다."""
    scheme, found, rest = url.partition("://")
    if not found or scheme not in ("redis", "rediss", "unix"):
        return _not_redis(url)
    login, _, place = rest.rpartition("@")
    if re.search(rf"[@/?#\[\]\s{UNSEEN}]", login):
        return f"@가 둘 이상이거나 @ 앞에 / ? # [ ] 나 빈칸이 있음, {HIDDEN}", ENCODE
    if re.search(rf"[\s{UNSEEN}]|%(?![0-9A-Fa-f]{{2}})", rest):
        return f"빈칸이나 보이지 않는 글자, 뒤에 16진수가 없는 %가 있음, {HIDDEN}", ENCODE
    hosts, path, options = re.fullmatch(r"([^/?]*)(/[^?]*)?(?:\?(.*))?", place).groups()
    if scheme == "unix":
        if hosts or not path:
            return "unix:// 뒤가 /로 시작하는 경로가 아님", "unix:///경로 꼴로 적으세요."
    elif "," in hosts:
        return "호스트가 둘 이상임", "서버 하나의 주소만 적으세요."
    elif fault := fault_of_hosts(hosts):
        return f"호스트나 포트가 틀림, {HIDDEN}", fault[1]
    elif not re.fullmatch(r"(/\d*)?", path or ""):
        return "주소 끝은 데이터베이스의 번호여야 함", "번호를 모르면 주소 끝을 비우세요."
    return _fault_of_redis_options(scheme, options or "")


def _not_redis(url: str) -> tuple[str, str]:
    """어느 도구의 주소인지 짚고, 어떻게 적을지."""
    why = "redis://로 시작하지 않음"
    for pattern, meant, todo in (
        (r"[\s=:'\"](?:redis|valkey)s?://", f"{why}, 앞에 다른 말이 있음",
         "redis-cli나 REDIS_URL= 같은 말은 빼고 redis://부터 적으세요. --tls이면 rediss://입니다."),
        (r"^https?://", "REST API의 주소임", "서비스의 화면에서 rediss:// 주소를 찾으세요."),
        (r"^postgres", "PostgreSQL의 주소임", "DATABASE_URL에 적으세요."),
        (r"^redis\+(?:ssl|tls)://", why, "rediss://로 적으세요."),
        (r",\s*(?:password|ssl)\s*=", f"{why}, 쉼표로 늘어놓은 꼴",
         "rediss://:비밀번호@호스트:포트로 적으세요."),
        (r"^/", why, "유닉스 소켓이면 앞에 unix://를 붙이세요."),
        (r"^[\w.-]+(?::\d+)?$", why, "앞에 redis://를 붙이세요."),
        (r"^(?:redis|valkey)s?(?!://)[:：/\\]", "redis 뒤가 ://가 아님",
         "redis://로 시작하게 고치세요."),
    ):  # fmt: skip
        if re.search(pattern, url, re.IGNORECASE):
            return meant, todo
    return why, ""


def _fault_of_redis_options(scheme: str, options: str) -> tuple[str, str] | None:
    if "&amp;" in options:
        return "? 뒤에 &amp;가 있음", "HTML에서 복사한 글자입니다. &amp;를 &로 바꾸세요."
    pairs = dict(option.partition("=")[::2] for option in options.split("&") if option)
    for key, value in pairs.items():
        if not re.fullmatch(r"\w{1,40}", key):
            return f"? 뒤를 읽을 수 없음, {HIDDEN}", ENCODE
        if key not in REDIS_OPTIONS:
            tls = "TLS이면 rediss://로 적으세요. " * (key.lower() in ("ssl", "tls"))
            return f"모르는 옵션 {key}", f"{tls}이 옵션을 빼세요."
        if key.startswith("ssl_") and scheme != "rediss":
            return f"{key}는 TLS의 옵션", "rediss://로 적거나 이 옵션을 빼세요."
        if key == "db" and not re.fullmatch(r"[0-9]{1,9}", value):
            return "db의 값은 데이터베이스의 번호여야 함", "db를 빼거나 0으로 적으세요."
        if key in FILES and value and not os.path.isfile(unquote(value)):
            shown = unquote(value) if re.fullmatch(r"[\w./%~-]+", value) else "…"
            return f"{key}={shown}: 그런 파일이 없음", "파일의 경로를 절대 경로로 적으세요."
        if key == "ssl_cert_reqs" and value not in CERT_REQS:
            return "ssl_cert_reqs에 모르는 값이 있음", f"쓸 수 있는 값: {', '.join(CERT_REQS)}."
    return None
