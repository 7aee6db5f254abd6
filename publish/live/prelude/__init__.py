"""MicroPython에 없거나 CPython과 다른 것의 대역. 모델이 쓰는 것만 옮긴 텍스트의 앞에 들어갑니다.

같은 코드를 CPython에서 진짜와 비교합니다(`tests/live/test_prelude.py`).
"""
