"""진찰: 검색 서버의 주소와 Java. 아는 고장을 하나씩 내 보고, 까닭과 할 일을 말하는지 봅니다."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
from pathlib import Path

import pytest

from answering import answering, self_signed
from ddialab.core import java
from ddialab.doctor import opensearch_address, tools
from ddialab.doctor.finding import BAD, GOOD, WARN
from opensearch_server import opensearch_url  # noqa: F401 - 픽스처입니다
from test_doctor import (  # noqa: F401 - path는 픽스처입니다
    QUOTED,
    SECRET,
    expect,
    line,
    path,
    posix,
)

OPENSEARCH = {"version": {"distribution": "opensearch", "number": "2.19.1"}}
ELASTICSEARCH = {"version": {"number": "8.15.0"}, "tagline": "You Know, for Search"}


def said(body: object, status: int = 200, kind: str = "application/json") -> bytes:
    text = (body if isinstance(body, str) else json.dumps(body)).encode()
    head = f"HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\nContent-Length: {len(text)}\r\n\r\n"
    return head.encode() + text


def server(about: object, health: str = "green", nori: bool = True):
    """경로마다 정해 둔 답."""

    def reply(asked: bytes) -> bytes:
        where = asked.split(b" ")[1]
        if where == b"/_cluster/health":
            return said({"status": health})
        if where == b"/_analyze":
            return said({"tokens": []}) if nori else said({"error": "no analyzer"}, 400)
        return said(about)

    return reply


def check(reply, address: str = "http://127.0.0.1:{}") -> tuple:
    with answering(reply) as (port, heard):
        return opensearch_address.check(address.format(port)), heard


@pytest.mark.parametrize(
    ("about", "called"),
    [(OPENSEARCH, "OpenSearch 2.19.1"), (ELASTICSEARCH, "Elasticsearch 8.15.0")],
)
def test_the_product_is_named_and_the_analyzer_is_looked_for(about, called):
    expect(check(server(about))[0], GOOD, f"{called}, 한국어 분석기 nori가 있습니다")
    expect(
        check(server(about, nori=False))[0], WARN, f"{called}, 한국어 분석기 nori가 없어", "nori"
    )


def test_it_only_asks():
    """아무것도 만들지 않습니다. 분석기는 낱말 하나를 나눠 보라고만 합니다."""
    _, heard = check(server(OPENSEARCH))
    asked = re.findall(rb"(\w+ \S+) HTTP/1.1", b"".join(heard))
    assert asked == [b"GET /", b"GET /_cluster/health", b"POST /_analyze"]


def test_a_red_cluster_and_an_old_product():
    expect(check(server(OPENSEARCH, health="red"))[0], BAD, "red", "되살리거나")
    for number in ("6.8.23", "7.9.3"):
        old = {"version": {"number": number}}
        expect(
            check(server(old))[0],
            BAD,
            f"Elasticsearch {number}, 너무 낡았습니다",
            "make opensearch",
        )
    enough = {"version": {"number": "7.10.2"}}
    assert "너무 낡았습니다" not in check(server(enough))[0].what


@pytest.mark.parametrize(
    ("answer", "why", "todo"),
    [
        (said("<html>", kind="text/html"), "OpenSearch가 아닌 웹 서버", "포트"),
        (said({"version": "9"}), "OpenSearch가 아닌 웹 서버", "포트"),
        (said([1]), "OpenSearch가 아닌 웹 서버", "포트"),
        (said({"version": {"number": None}}), "OpenSearch가 아닌 웹 서버", "포트"),
        (said("", 302), "OpenSearch가 아닌 웹 서버", "포트"),
        (said({"error": "no"}, 401), "비밀번호가 맞지 않거나 빠졌습니다", "사용자:비밀번호"),
        (said({"error": "no"}, 403), "허락되지 않은", "ddialab-"),
        (said({"error": "no"}, 429), "바빠서", "잠시 뒤"),
        (said("OpenSearch Security not initialized.", 503), "준비되지 않았습니다", "잠시 뒤"),
        (b"-ERR unknown command 'GET'\r\n", "HTTP로 답하지 않습니다", "https://"),
        (b"This is not an HTTP port\r\n", "HTTP로 답하지 않습니다", "https://"),
        (b"", "HTTP로 답하지 않습니다", "https://"),
    ],
)
def test_what_a_server_answers(answer, why, todo):
    expect(check(answer)[0], BAD, why, todo)


def test_the_login_is_sent_and_not_repeated():
    found, heard = check(said({}, 401), f"http://me:{QUOTED}@127.0.0.1:{{}}")
    expect(found, BAD, "비밀번호가 맞지 않거나")
    login = base64.b64encode(f"me:{SECRET}".encode())
    assert b"Authorization: Basic " + login in heard[0]


def test_nobody_listens_and_an_address_that_cannot_be_read():
    expect(
        opensearch_address.check("http://127.0.0.1:1"), BAD, "받는 서버가 없음", "make opensearch"
    )
    expect(opensearch_address.check(f"h:{SECRET}"), BAD, "OPENSEARCH_URL=", "http")


def test_tls(tmp_path):
    """인증서를 믿을 수 없으면 그렇게 말하고, 주소에 적은 대로 믿습니다."""
    certificate = self_signed(tmp_path)
    with answering(server(OPENSEARCH), certificate) as (port, _):
        url = f"https://127.0.0.1:{port}"
        expect(opensearch_address.check(url), BAD, "인증서를", "ca_certs")
        for option in ("verify_certs=false", f"ca_certs={certificate}"):
            expect(opensearch_address.check(f"{url}?{option}"), GOOD, "OpenSearch 2.19.1")
        plain = opensearch_address.check(f"http://127.0.0.1:{port}")
        expect(plain, BAD, "HTTP로 답하지 않습니다", "https://")
    expect(check(said(OPENSEARCH), "https://127.0.0.1:{}")[0], BAD, "TLS로", "http://")


def test_a_real_opensearch_is_read_and_not_changed(opensearch_url):  # noqa: F811
    def indices() -> str:
        link = http.client.HTTPConnection(opensearch_url.partition("//")[2])
        link.request("GET", "/_cat/indices?h=index,docs.count,uuid")
        return link.getresponse().read().decode()

    before = indices()
    expect(opensearch_address.check(opensearch_url), GOOD, "OpenSearch 2.19.1, 한국어 분석기 nori")
    assert indices() == before


def test_no_address_is_fine(monkeypatch):
    for name in ("DDIALAB_BACKEND", "REDIS_URL", "DATABASE_URL", "KAFKA_BOOTSTRAP"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("OPENSEARCH_URL", "")
    last = line("OPENSEARCH_URL")
    expect(last, GOOD, "OPENSEARCH_URL: 적지 않았습니다")
    monkeypatch.setenv("OPENSEARCH_URL", "'redis://h'")
    last = line("OPENSEARCH_URL")
    expect(last, BAD, "Redis의 주소", "REDIS_URL에")


# ── Java ──────────────────────────────────────────────────────────


@pytest.fixture
def only(path, monkeypatch):  # noqa: F811
    """이 PATH에 놓은 것 말고는 Java가 없는 컴퓨터."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    return path


@posix
def test_what_make_opensearch_needs(only):
    expect(tools.java(), WARN, "Java: 없습니다", "system.sh")
    only("java", "echo 'The operation couldn’t be completed.' >&2; exit 1")
    expect(tools.java(), WARN, "Java: 없습니다", "system.sh")
    only("java", "echo 'openjdk version \"1.8.0_392\"' >&2")
    expect(tools.java(), WARN, "Java 8: 너무 낡았습니다. 17 이상", "system.sh")
    only("java", "echo 'openjdk version \"21.0.2\" 2024-01-16' >&2")
    expect(tools.java(), WARN, "Java 21: javac, mvn이 없습니다", "system.sh")
    for name in ("javac", "mvn"):
        only(name, "")
    expect(tools.java(), GOOD, "Java 21, Maven")


@posix
def test_the_chosen_java_comes_first(only, tmp_path, monkeypatch):
    only("java", "echo 'openjdk version \"21.0.2\"' >&2")
    (tmp_path / "home/bin").mkdir(parents=True)
    (tmp_path / "home/bin/java").symlink_to(tmp_path / "java")
    only("java", "echo 'openjdk version \"11.0.2\"' >&2")
    expect(tools.java(), WARN, "Java 11")
    chosen = tmp_path / "home/bin/java"
    chosen.unlink()
    chosen.write_text("#!/bin/sh\necho 'openjdk version \"17\"' >&2\n")
    chosen.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    expect(tools.java(), WARN, "Java 17: javac")


def test_the_doctor_and_the_command_want_the_same_java():
    assert tools.JAVA == java.OLDEST
    assert os.path.basename(next(java.candidates(), "java")) == "java"
