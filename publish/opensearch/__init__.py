"""도커 없이 진짜 OpenSearch를 띄웁니다(`make opensearch`): Maven의 jar와 이 컴퓨터의 Java로.

받은 jar와 컴파일한 플러그인은 `.cache/opensearch`에, 색인한 것은 그 안의 `data`에 있습니다.
"""
