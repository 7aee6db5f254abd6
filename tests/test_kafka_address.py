"""독자가 적은 Kafka의 주소: 되는 꼴, 틀린 까닭, 보이면 안 되는 것."""

from __future__ import annotations

import pytest

from ddialab.core import backend
from ddialab.core.errors import InvalidValue
from ddialab.core.kafka_address import read_kafka_bootstrap

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("127.0.0.1:9092", "127.0.0.1:9092"),
        (" '127.0.0.1:9092, b:9093 ,127.0.0.1:9092,' ", "127.0.0.1:9092,b:9093"),
        ("[::1]:9092", "[::1]:9092"),
        ("카프카.example:9092;", "카프카.example:9092"),
    ],
)
def test_the_forms_that_work(typed, read):
    assert read_kafka_bootstrap(typed) == read
    assert read_kafka_bootstrap(read) == read


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("localhost", "포트가 없음"),
        ("a:9092,b", "포트가 없음"),
        ("[::1]", "포트가 없음"),
        (":9092", "호스트가 없음"),
        ("::1:9092", "[::1]:9092처럼"),
        ("a:b:1", "호스트를 읽을 수 없음"),
        ("[zz]:1", "이름이나 주소가 아님"),
        ("a..b:1", "이름이나 주소가 아님"),
        ("x" * 300 + ":1", "이름이나 주소가 아님"),
        ("a:", "1부터 65535까지"),
        ("a:0", "1부터 65535까지"),
        ("a:65536", "1부터 65535까지"),
        ("a:９", "1부터 65535까지"),
        ("a:1" + "0" * 5000, "1부터 65535까지"),
        ("a:1,,b:2", "쉼표 사이가"),
        ("", "쉼표 사이가"),
        ("a:1;b:2", "쉼표로 적으세요"),
        (f"a:1 {SECRET}", "쉼표로 적으세요"),
        ("a\u200b:1", "쉼표로 적으세요"),
        ("h:9092/topic", "호스트:포트만"),
        (f"KAFKA_BOOTSTRAP=u:{SECRET}@h:1", "호스트부터 적으세요"),
        ("bootstrap.servers=h:1", "호스트부터 적으세요"),
        ("PLAINTEXT://h:9092", "앞부분을 떼고"),
        (f"kafka://u:{SECRET}@h:9092", "앞부분을 떼고"),
        ("SASL_SSL://h:9093", "TLS가 있는 포트임"),
        (f"sasl.password={SECRET}", "인증의 설정임"),
        (f"u:{SECRET}@h:9092", "@가 있음"),
        (f"redis://:{SECRET}@h", "REDIS_URL에"),
        (f"postgresql://u:{SECRET}@h/db", "DATABASE_URL에"),
        (f"http://u:{SECRET}@h:9200", "OPENSEARCH_URL에"),
        ("http://h:8083", "Kafka Connect"),
        ("${KAFKA}", "변수가"),
    ],
)
def test_what_is_wrong(typed, told):
    with pytest.raises(InvalidValue) as caught:
        read_kafka_bootstrap(typed)
    said = str(caught.value)
    assert told in said
    assert SECRET not in said
    assert caught.value.accepted.startswith("호스트:포트를 쉼표로")
    assert "KAFKA_BOOTSTRAP을 고치고" in caught.value.todo
    assert len(said) < 500


def test_which_kafka_a_lab_uses(monkeypatch):
    monkeypatch.delenv("DDIALAB_BACKEND", raising=False)
    monkeypatch.delenv("KAFKA_BOOTSTRAP", raising=False)
    assert backend.kafka_bootstrap() is None
    monkeypatch.setenv("KAFKA_BOOTSTRAP", " '' ")
    assert backend.kafka_bootstrap() is None
    monkeypatch.setenv("KAFKA_BOOTSTRAP", " 'h:9092' ")
    assert backend.kafka_bootstrap() == "h:9092"
    for forced in ("embedded", "local"):
        monkeypatch.setenv("DDIALAB_BACKEND", forced)
        assert backend.kafka_bootstrap() is None
    monkeypatch.setenv("DDIALAB_BACKEND", "remote")
    assert backend.kafka_bootstrap() == "h:9092"
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "h")  # 조용히 파일을 쓰지 않습니다
    with pytest.raises(InvalidValue, match="포트가 없음"):
        backend.kafka_bootstrap()
