"""교실: 과제를 나눠 주고, 거두고, 안전하게 채점하고, 한국어로 돌려줍니다."""

import sys

# 노트북의 형식을 살피는 jsonschema는 이 패키지가 있으면 import할 때마다 문법을 만드느라 2초가
# 듭니다. 노트북에는 그것이 살피는 형식(IRI)이 없습니다.
sys.modules.setdefault("rfc3987_syntax", None)
