"""`make opensearch`: 표준 출력에는 복사할 주소 한 줄만, 나머지는 표준 오류에 적습니다.

cd publish && ../.venv/bin/python -m opensearch --port 9250
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from ddialab.core.errors import LabError
from jvm.progress import tell, wait_for
from opensearch.server import CACHE, equip, running
from serve import port_number


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="opensearch", description=__doc__)
    parser.add_argument("--port", type=port_number, help="없으면 9200부터 빈 포트를 찾습니다")
    parser.add_argument("--data", type=Path, default=CACHE / "data", help="색인을 둘 폴더")
    options = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with running(equip(), options.data, options.port) as server:
            print(f"OPENSEARCH_URL={server.url}", flush=True)
            tell("이 줄을 make lab 앞에 붙이세요. Ctrl-C로 끕니다. 색인한 것은 남습니다.")
            wait_for(server.process)
            tell("OpenSearch가 스스로 끝났습니다. 메모리가 모자랐을 수 있습니다. 다시 띄우세요.")
            return 1
    except LabError as error:
        tell(str(error))
        return 1
    except KeyboardInterrupt:
        tell("OpenSearch를 껐습니다.")
        return 0


if __name__ == "__main__":
    sys.exit(main())
