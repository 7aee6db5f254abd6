"""토픽: 파티션으로 나눈 로그와 그것을 읽는 소비자 그룹. 어디에 담든 같은 약속을 지킵니다."""

from __future__ import annotations

from pathlib import Path

from ddialab.blocks.topic.topic import Topic


def open_topic(name: str, folder: str | Path, partitions: int = 3) -> Topic:
    """독자의 ``KAFKA_BOOTSTRAP``이 있으면 그 Kafka에, 없으면 ``folder``의 파일에 토픽을 엽니다.

    Kafka에서는 겹치지 않는 이름으로 만들어 사용하고 닫을 때 지웁니다.
    """
    from ddialab.core.backend import kafka_bootstrap

    if bootstrap := kafka_bootstrap():
        from ddialab.blocks.topic.kafka import KafkaTopic

        return KafkaTopic(name, partitions, bootstrap)
    from ddialab.blocks.topic.disk import DiskTopic

    return DiskTopic(folder, partitions, name=name)
