"""토픽을 둘 곳들: 메모리, 디스크, 진짜 Kafka. 같은 테스트를 어디서나 돌립니다."""

from __future__ import annotations

import uuid

from ddialab.blocks.tape import Tape
from ddialab.blocks.topic.disk import DiskTopic
from ddialab.blocks.topic.kafka import KafkaTopic
from ddialab.blocks.topic.topic import Topic
from ddialab.core.errors import LabError


class Memory:
    """다시 열 수 없는 토픽."""

    def open(self, partitions=3):
        return Topic([Tape() for _ in range(partitions)])

    def drop(self, topic):
        topic.close()


class Disk:
    """폴더 하나에 이름이 다른 토픽들."""

    def __init__(self, folder):
        self.folder = folder

    def open(self, partitions=3):
        return DiskTopic(self.folder, partitions, "none", f"t{uuid.uuid4().hex[:8]}")

    def reopen(self, topic):
        topic.close()
        return DiskTopic(self.folder, topic.partitions, "none", topic.name)

    def drop(self, topic):
        topic.close()


class Kafka:
    """함께 쓰는 브로커에, 이름이 겹치지 않는 토픽들."""

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap

    def open(self, partitions=3, **options):
        prefix = f"ddialab-{uuid.uuid4().hex[:12]}-"
        return KafkaTopic("t", partitions, self.bootstrap, prefix=prefix, **options)

    def reopen(self, topic):
        topic.close()
        return KafkaTopic("t", topic.partitions, self.bootstrap, prefix=topic.prefix)

    def drop(self, topic):
        topic.drop()


def sentences(error: LabError) -> str:
    """세 문장이 다 있는 오류의 글."""
    assert error.problem
    assert error.accepted
    assert error.todo
    return str(error)
