"""장면의 모델을 페이지 안에서 실행합니다: 소스를 MicroPython이 실행할 텍스트로 옮깁니다.

`carry`가 옮기고, `refuse`가 그대로 옮길 수 없는 것을 거절하며, `prelude`가 MicroPython에 없거나
CPython과 다른 것을 대신합니다. `assets/`는 그것을 워커에서 실행하는 스크립트입니다.
"""
