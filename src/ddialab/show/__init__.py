"""보여 주기: 한국어 그림, 슬라이더, 장면, 예상, 스스로 확인, 소스, 이름 붙은 수.

모든 것이 셀 출력 하나로 나옵니다. 책 페이지에서는 커널 없이, Jupyter에서는 위젯으로 움직입니다.
"""

from ddialab.show import charts, claims, face, order
from ddialab.show.check import check
from ddialab.show.explore import explore
from ddialab.show.figure import axes, figure
from ddialab.show.moment import moment
from ddialab.show.palette import TINT, color
from ddialab.show.predict import Prediction, predict
from ddialab.show.result import result
from ddialab.show.scene import scene
from ddialab.show.source import source
from ddialab.show.trial import trial

__all__ = [
    "TINT",
    "Prediction",
    "axes",
    "charts",
    "check",
    "color",
    "explore",
    "figure",
    "moment",
    "predict",
    "result",
    "scene",
    "source",
    "trial",
]

if face.live() and face.shell():  # 독자가 설정을 바꾸면 성립하지 않는 주장도 있습니다
    claims.soften(face.shell())
    order.guide(face.shell())
