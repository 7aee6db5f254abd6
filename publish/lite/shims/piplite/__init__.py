"""`%pip install`의 자리. 실습실은 바깥 주소를 부르지 않으므로 설치하지 않고 까닭을 알려 줍니다."""

from piplite.piplite import install

__all__ = ["install"]
