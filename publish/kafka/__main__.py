"""`make kafka`: 표준 출력에는 복사할 주소 한 줄만, 나머지는 표준 오류에 적습니다.

cd publish && ../.venv/bin/python -m kafka --brokers 3 --port 9092
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from ddialab.core.errors import InvalidValue, LabError, check_integer
from ddialab.core.kafka import MOST, Brokers
from jvm.progress import tell
from kafka.server import DATA, discard, equip, running
from serve import port_number


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="kafka", description=__doc__)
    parser.add_argument("--brokers", default="1", help="브로커의 수")
    parser.add_argument("--port", type=port_number, help="없으면 9092부터 빈 포트를 찾습니다")
    parser.add_argument("--data", type=Path, default=DATA, help="메시지를 둘 폴더")
    parser.add_argument("--clean", action="store_true", help="띄우지 않고 데이터를 버립니다")
    options = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if options.clean:
            return clean(options.data)
        return serve(count_of(options.brokers), options.data, options.port)
    except LabError as error:
        tell(str(error))
        return 1
    except KeyboardInterrupt:
        tell("Kafka를 껐습니다.")
        return 0


def count_of(typed: str) -> int:
    """독자가 적은 브로커의 수."""
    if not (typed.isascii() and typed.isdigit()):
        raise InvalidValue(f"BROKERS={typed}: 정수가 아닙니다.", f"1 이상 {MOST} 이하의 정수.")
    return check_integer("BROKERS", int(typed[:9]), 1, MOST)


def serve(count: int, data: Path, port: int | None) -> int:
    """Ctrl-C를 받거나 브로커가 모두 끝날 때까지 켜 둡니다."""
    equip(count)
    with running(data / str(count), count, port) as brokers:
        print(f"KAFKA_BOOTSTRAP={brokers.bootstrap}", flush=True)
        for place, pid in zip(brokers.places, brokers.pids, strict=True):
            tell(f"  브로커 {place.number}: {place.address} (프로세스 {pid})")
        tell("이 줄을 make lab 앞에 붙이세요. Ctrl-C로 끕니다. 적은 메시지는 남습니다.")
        wait_for_all(brokers)
    tell("Kafka가 스스로 끝났습니다. 까닭을 고치고 다시 띄우세요.")
    return 1


def wait_for_all(brokers: Brokers) -> None:
    """모두 끝나기를 기다립니다. 하나씩 끝날 때마다 까닭을 알립니다."""
    left = set(range(len(brokers.processes)))
    while left:
        for number in sorted(left):
            if why := brokers.why_ended(number):
                tell(f"브로커 {number}: {why}.")
                left.discard(number)
        time.sleep(0.2)


def clean(data: Path) -> int:
    tell("적은 메시지를 모두 버렸습니다." if discard(data) else "버릴 데이터가 없습니다.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
