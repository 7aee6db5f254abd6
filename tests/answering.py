"""시키는 대로만 답하는 작은 서버: 무엇이 오든 정해 둔 바이트로 답합니다."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def answering(
    reply: bytes | Callable[[bytes], bytes], certificate: Path | None = None
) -> Iterator[tuple[int, list[bytes]]]:
    """(포트, 받은 바이트들). ``reply``가 빈 바이트면 답하지 않고 연결을 끊습니다.

    ``certificate``(`self_signed`가 만든 파일)를 주면 TLS로만 이야기합니다.
    """
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        arguments = (server, reply, heard, certificate)
        threading.Thread(target=_serve, args=arguments, daemon=True).start()
        yield server.getsockname()[1], heard
        server.shutdown(socket.SHUT_RDWR)


def self_signed(folder: Path) -> Path:
    """127.0.0.1의, 스스로 서명한 인증서와 열쇠가 든 파일."""
    file = folder / "self-signed.pem"
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1"]
    argv += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "-", "-out", "-"]
    file.write_bytes(subprocess.run(argv, capture_output=True, check=True).stdout)
    return file


def _serve(server: socket.socket, reply, heard: list[bytes], certificate: Path | None) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:  # 테스트가 끝났습니다
            return
        arguments = (client, reply, heard, certificate)
        threading.Thread(target=_answer, args=arguments, daemon=True).start()


def _answer(client: socket.socket, reply, heard: list[bytes], certificate: Path | None) -> None:
    with client, suppress(OSError):
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            client = context.wrap_socket(client, server_side=True)
        while data := client.recv(65536):
            heard.append(data)
            answer = reply(data) if callable(reply) else reply
            if not answer:
                return
            client.sendall(answer)
