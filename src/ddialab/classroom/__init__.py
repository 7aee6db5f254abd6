"""교실: 과제를 나눠 주고, 거두고, 안전하게 채점하고, 한국어로 돌려줍니다."""

import sys

# 노트북의 형식을 살피는 jsonschema는 이 꾸러미가 있으면 들여올 때마다 문법을 짓느라 2초를 씁니다.
# 노트북에는 그것이 살피는 형식(IRI)이 없습니다.
sys.modules.setdefault("rfc3987_syntax", None)
