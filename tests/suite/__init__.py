"""테스트 전체의 살림: 몇 번 해 볼지(`effort`), 어떻게 나눌지(`order`), 얼마나 들었는지(`cost`),
무엇을 다시 안 돌려도 되는지(`unchanged`).

모두 pytest 플러그인이고 `pyproject.toml`이 켭니다.
"""
