"""OpenSearch와 nori의 jar, 컴파일한 플러그인."""

from __future__ import annotations

import os
from pathlib import Path

from jvm.jars import Jars, gathered
from opensearch.plugin import compiled

JARS = Jars("OpenSearch", Path(__file__).parent, size=60)


def classpath(cache: Path, home: Path) -> str:
    """jar와 플러그인을 갖추고 클래스패스를 돌려줍니다. 다 있으면 네트워크도 Maven도 안 씁니다."""
    with gathered(JARS, cache) as paths:
        jars = list(map(str, paths))
        return os.pathsep.join([*jars, compiled(cache, home, jars)])
