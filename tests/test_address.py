"""독자가 적은 데이터베이스 주소: 쓸 수 있는 꼴, 틀린 곳, 보이면 안 되는 것."""

import pytest

from ddialab.blocks.database import Database
from ddialab.core.address import (
    looks_like_address,
    read_database_url,
    read_redis_url,
    shown_url,
)
from ddialab.core.errors import BackendUnavailable, InvalidValue
from ddialab.core.search_address import read_opensearch_url

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("postgresql://u:p@h:5432/d", "postgresql://u:p@h:5432/d"),
        ("  'postgres://h/d' ", "postgres://h/d"),
        ("“POSTGRESQL://h/d”", "postgresql://h/d"),
        ("postgres:///d", "postgres:///d"),
        ("postgresql://u:a%40b%25@[::1]:5432/d", "postgresql://u:a%40b%25@[::1]:5432/d"),
        ("postgresql:///d?host=/var/run/postgresql", "postgresql:///d?host=/var/run/postgresql"),
        ("postgresql://%2Fvar%2Frun/d", "postgresql://%2Fvar%2Frun/d"),
        ("postgresql://a:1,b:2/d?sslmode=require", "postgresql://a:1,b:2/d?sslmode=require"),
        ("\"postgresql://h/d';", "postgresql://h/d"),
        ("<postgresql://h/d>", "postgresql://h/d"),
        ("\ufeffpostgresql://h/d\u200b\r\n", "postgresql://h/d"),
        ("postgresql://u:a#b[c$d@h./d", "postgresql://u:a#b[c$d@h./d"),
    ],
)
def test_the_forms_that_work(typed, read):
    assert read_database_url(typed) == read


WRONG = [
    (f"postgresql://u:{SECRET}@h/d?pgbouncer=true", "pgbouncer는"),
    (f"postgresql://u:{SECRET}@h/d?schema=public&connection_limit=1", "schema, connection_limit는"),
    (f"postgresql://u:{SECRET}@h/d?connection_limit=1", "connection_limit는"),
    (f"postgresql://u:{SECRET}@h/d?sslmode=no-verify", "verify-full"),
    (f"postgresql+psycopg2://u:{SECRET}@h/d", "앞을 postgresql://로"),
    (f"jdbc:postgresql://h/d?user=u&password={SECRET}", "jdbc:를 떼고"),
    (f"host=127.0.0.1 port=5433 dbname=d user=u password={SECRET}",
     "postgresql://u:비밀번호@127.0.0.1:5433/d"),
    (f"dbname=d password='{SECRET} x'", "postgresql://사용자:비밀번호@호스트/d"),
    (f"mysql://u:{SECRET}@h/d", "mysql://는 PostgreSQL의 주소가 아닙니다"),
    (f"mongodb+srv://u:{SECRET}@h", "mongodb+srv://는"),
    ("sqlite:///posts.db", "sqlite://는"),
    (f"u:{SECRET}@h/d", "postgresql://로 시작하지"),
    (f"psql 'postgresql://u:{SECRET}@h/d'", "postgresql://부터"),
    (f'export DATABASE_URL="postgresql://u:{SECRET}@h/d"', "postgresql://부터"),
    (f"DATABASE_URL: postgres://u:{SECRET}@h/d", "postgresql://부터"),
    (f"Server=h.net;Database=d;Port=5432;User Id=u;Password={SECRET};",
     "postgresql://u:비밀번호@h.net:5432/d"),
    (f"Host=h;Username=u;Password={SECRET};Database=d", "postgresql://u:비밀번호@h/d"),
    (f"redis://u:{SECRET}@h", "REDIS_URL에"),
    (f"postgre://u:{SECRET}@h/d", "앞을 postgresql://로"),
    ("postgresql://postgres:[YOUR-PASSWORD]@db.h.co:5432/postgres", "예시 글자"),
    ("postgresql://u:<password>@h/d", "예시 글자"),
    ("postgresql://사용자:비밀번호@호스트:포트/데이터베이스", "예시 글자"),
    ("postgresql://u:********@h/d", "예시 글자"),
    ("postgresql://u:${DB_PASSWORD}@h:5432/d", "변수가"),
    (f"postgresql://u:{SECRET}@h:${{PORT}}/d", "변수가"),
    ("${{ secrets.DATABASE_URL }}", "변수가"),
    ("%DATABASE_URL%", "변수가"),
    ("$DATABASE_URL", "변수가"),
    (f"postgresql://u:{SECRET}@h\u200b.net/d", "보이지 않는 글자"),
    (f"postgresql://u:{SECRET}@https://h/d", "//가 또"),
    (f"postgresql://u:{SECRET}@h..net/d", "호스트가 이름이"),
    (f"postgresql://u:{SECRET}@{'h' * 64}.net/d", "호스트가 이름이"),
    (f"postgresql://u:{SECRET}@h:0/d", "포트가 1부터"),
    (f"postgresql://u:{SECRET}@h/d?sslmode=require&amp;user=u", "&로 바꾸세요"),
    (f"postgresql://u:{SECRET}@h/d?options=endpoint=ep-1", "%3D"),
    (f"postgresql://u:{SECRET}@h/d?SSLMODE=require", "sslmode로 적으세요"),
    (f"postgresql://u:{SECRET}@h/d?sslmode=no-verify", "sslmode=no-verify"),
    (f"postgresql://u:{SECRET}", "포트가"),
    (f"postgresql://u:{SECRET}/x@h/d", "@가 둘"),
    (f"postgresql://u:x@{SECRET}@h/d", "@가 둘"),
    (f"postgresql://u:{SECRET}?a=b@h/d", "@가 둘"),
    (f"postgresql://u:{SECRET} x@h/d", "빈칸"),
    (f"postgresql://u:{SECRET}%@h/d", "16진수"),
    ("postgresql://::1/d", "[::1]"),
]  # fmt: skip
BARE = [
    ("D:/x.db", "postgresql://로 시작하지"),
    ("postgresql:/h/d", "뒤가 ://가"),
    ("postgresql//h/d", "뒤가 ://가"),
    ("postgresql：//h/d", "뒤가 ://가"),
    ("db.example.com:5432", "postgresql://로 시작하지"),
    ("/tmp/x.db", "postgresql://로 시작하지"),
]


@pytest.mark.parametrize(("typed", "told"), WRONG + BARE)
def test_what_is_wrong_is_named_and_the_form_is_shown(typed, told):
    with pytest.raises(InvalidValue) as caught:
        read_database_url(typed)
    text = "\n".join([str(caught.value), *caught.value._render_traceback_()])
    assert told in text
    assert "postgresql://사용자:비밀번호@" in caught.value.accepted
    assert caught.value.todo
    assert SECRET not in text


@pytest.mark.parametrize("typed", [typed for typed, _ in WRONG])
def test_an_address_never_becomes_a_file(typed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidValue) as caught:
        Database.open(typed)
    assert SECRET not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("REDIS://h:6379/1", "redis://h:6379/1"),
        ("<Valkeys://h>", "rediss://h"),
        ("\ufeffredis://h\u200b", "redis://h"),
        ("rediss://h?ssl_cert_reqs=CERT_NONE", "rediss://h?ssl_cert_reqs=none"),
        ("unix://u:p@/run/redis.sock?db=1", "unix://u:p@/run/redis.sock?db=1"),
    ],
)
def test_the_forms_of_redis_that_work(typed, read):
    assert read_redis_url(typed) == read


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (f"redis-cli --tls -u redis://default:{SECRET}@h:6379", "redis://부터"),
        (f"REDIS_URL=redis://:{SECRET}@h", "redis://부터"),
        ("https://h.upstash.io", "REST API"),
        (f"postgresql://u:{SECRET}@h/d", "DATABASE_URL에"),
        (f"h.net:6380,password={SECRET}=,ssl=True", "rediss://:비밀번호@"),
        (f"redis+ssl://:{SECRET}@h", "rediss://로 적으세요"),
        ("localhost:6379", "앞에 redis://"),
        ("/run/redis.sock", "앞에 unix://"),
        ("unix://run/redis.sock", "unix:///경로"),
        ("redis://:${REDIS_PASSWORD}@h", "변수가"),
        ("redis://default:[YOUR-PASSWORD]@h", "예시 글자"),
        (f"redis://:{SECRET}[x@h", "%5B"),
        (f"redis://:{SECRET}@h\u200b.net", "보이지 않는 글자"),
        ("redis://h..net", "호스트"),
        ("redis://h:0", "포트"),
        ("redis://h?db=x", "db의 값"),
        ("redis://h?ssl_cert_reqs=none", "rediss://로"),
        ("rediss://h?ssl_cert_reqs=maybe", "optional"),
        ("redis://h?ssl=true", "rediss://로"),
        ("rediss://h?ssl_ca_certs=/nowhere/ca.pem", "ssl_ca_certs=/nowhere/ca.pem: 그런 파일이"),
        ("redis://::1:6379", "[::1]"),
        ("redis://h1,h2", "하나의 주소만"),
        ("redis:/h:6379", "redis 뒤가"),
        ("redis：//h:6379", "redis 뒤가"),
        ("redis://h?db=0&amp;username=u", "&로 바꾸세요"),
    ],
)
def test_what_is_wrong_with_a_redis_address(typed, told):
    with pytest.raises(BackendUnavailable) as caught:
        read_redis_url(typed)
    text = "\n".join([str(caught.value), *caught.value._render_traceback_()])
    assert told in text
    assert "redis://주소" in caught.value.accepted
    assert "REDIS_URL을 고치고" in caught.value.todo
    assert SECRET not in text


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("http://127.0.0.1:9201", "http://127.0.0.1:9201"),
        (" 'HTTP://h:9200/' ", "http://h:9200"),
        ("\ufeffhttp://h\u200b", "http://h:9200"),
        ("https://search-x.es.amazonaws.com", "https://search-x.es.amazonaws.com:443"),
        ("https://u:a%40b@h:9200/", "https://u:a%40b@h:9200"),
        ("http://[::1]:9200", "http://[::1]:9200"),
        ("http://[::1]", "http://[::1]:9200"),
        ("https://h:9200?verify_certs=false", "https://h:9200?verify_certs=false"),
        ("https://u:p@h/?verify_certs=true", "https://u:p@h:443?verify_certs=true"),
    ],
)
def test_the_forms_of_opensearch_that_work(typed, read):
    assert read_opensearch_url(typed) == read
    assert read_opensearch_url(read) == read


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (f"curl -k https://admin:{SECRET}@h:9200", "http부터"),
        (f"OPENSEARCH_URL=http://u:{SECRET}@h", "http부터"),
        (f"postgresql://u:{SECRET}@h/d", "DATABASE_URL에"),
        (f"redis://u:{SECRET}@h", "REDIS_URL에"),
        (f"opensearch://u:{SECRET}@h:9200", "앞을 http://"),
        (f"elasticsearch+https://u:{SECRET}@h", "앞을 http://"),
        ("localhost:9200", "앞에 http://"),
        ("localhost", "앞에 http://"),
        ("[::1]:9200", "앞에 http://"),
        (f"lab:dXMtZWFzdC0xLmF3cy5mb3VuZC5pbyQ{SECRET}", "클라우드 ID"),
        (f"u:{SECRET}@h:9200", "http://나 https://로"),
        ("https:/h:9200", "http 뒤가"),
        ("http：//h:9200", "http 뒤가"),
        ("http://h1:9200,h2:9200", "하나의 주소만"),
        ("http://", "호스트가 없음"),
        ("http://:9200", "호스트가 없음"),
        (f"http://u:{SECRET}@/", "호스트가 없음"),
        ("http://h:0", "포트"),
        ("http://h:9200x", "포트"),
        ("http://h..net", "호스트"),
        ("http://::1:9200", "[::1]"),
        ("http://h:9200/posts", "색인의 이름"),
        ("http://h:9200/_cat/indices?v", "색인의 이름"),
        (f"http://u:{SECRET}@x@h", "@가 둘"),
        (f"http://u:{SECRET}#a@h", "%23"),
        (f"http://u:{SECRET}%@h", "16진수"),
        (f"http://u:{SECRET} x@h", "빈칸"),
        ("http://h\u200b.net", "보이지 않는 글자"),
        ("https://u:${OPENSEARCH_PASSWORD}@h", "변수가"),
        ("https://admin:<password>@h", "예시 글자"),
        ("https://admin:비밀번호@h", "예시 글자"),
        ("https://h?pretty", "모르는 옵션 pretty"),
        ("http://h?verify_certs=false", "https://로 적거나"),
        ("https://h?verify_certs=no", "true나 false"),
        ("https://h?ca_certs=/nowhere/ca.pem", "ca_certs=/nowhere/ca.pem: 그런 파일이"),
        ("https://h?verify_certs=true&amp;ca_certs=x", "&로 바꾸세요"),
    ],
)
def test_what_is_wrong_with_an_opensearch_address(typed, told):
    with pytest.raises(BackendUnavailable) as caught:
        read_opensearch_url(typed)
    text = "\n".join([str(caught.value), *caught.value._render_traceback_()])
    assert told in text
    assert "http://주소:포트" in caught.value.accepted
    assert "OPENSEARCH_URL을 고치고" in caught.value.todo
    assert SECRET not in text


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"redis://:{SECRET}@:6380", "redis://localhost:6380"),
        (f"unix://u:{SECRET}@/run/redis.sock", "unix:///run/redis.sock"),
        (f"redis-sentinel://u:{SECRET}@h:26379/main", "redis-sentinel://h:26379/main"),
        (f"REDIS_URL=redis://:{SECRET}@h", "…"),
        (f"redis://:{SECRET}[x@h", "redis://…"),
    ],
)
def test_what_may_be_shown_of_an_address(url, shown):
    assert shown_url(url) == shown


@pytest.mark.parametrize(
    "path", ["posts.db", ":memory:", "C:\\posts.db", "/tmp/a b/posts.db", "../user@home/posts.db"]
)
def test_a_path_is_not_taken_for_an_address(path):
    assert not looks_like_address(path)
