"""채점 기록: 제출 하나를 채점한 결과 전부. CSV와 피드백은 이것에서만 나옵니다."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

PRIVATE = "강사에게: "  # 이렇게 시작하는 알림에는 다른 학생의 자료가 있어 학생에게 보이지 않습니다


class Status(StrEnum):
    """제출 하나가 어떻게 되었는가. 어떤 제출이든 이 가운데 하나를 받습니다."""

    GRADED = "채점됨"
    MISSING = "제출 안 함"
    UNREADABLE = "열 수 없음"
    OTHER = "다른 파일"  # 냈지만 이 과제의 노트북이 아닙니다
    NOBODYS = "주인 모름"  # 누가 냈는지 알 수 없어 채점하지 않았습니다
    AMBIGUOUS = "노트북이 여럿"
    TIMEOUT = "시간 초과"
    MEMORY = "메모리 초과"
    OUTPUT = "출력 초과"
    STOPPED = "도중에 끝남"
    SUSPECT = "확인 필요"  # 채점은 했지만 테스트를 건드리려 한 흔적이 있습니다
    DOUBTFUL = "주인 확인"  # 채점은 했지만 이름과 학번이 서로 다른 사람을 말합니다
    FAILED = "채점기 오류"  # 학생이 아니라 채점기나 과제의 잘못입니다


@dataclass(frozen=True)
class CriterionResult:
    """기준 하나의 점수.

    ``hint``는 잃었을 때 학생에게 보일 말이고 숨은 테스트의 내용은 담지 않습니다.
    """

    id: str
    title: str
    points: float
    score: float
    hint: str = ""

    @property
    def passed(self) -> bool:
        return self.score >= self.points


@dataclass(frozen=True)
class WrittenAnswer:
    """사람이 읽고 채점할 글 한 편과 그 배점.

    ``pictures``는 붙인 그림의 이름과 ``data:`` 주소입니다. 확인한 그림만 들어 있습니다.
    """

    id: str
    points: float
    text: str
    pictures: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_saved(cls, saved: dict) -> WrittenAnswer:
        pictures = tuple((name, address) for name, address in saved.get("pictures", ()))
        return cls(**saved | {"pictures": pictures})


@dataclass(frozen=True)
class GradeRecord:
    """제출 하나의 채점 기록.

    ``notes``는 강사에게 알릴 것(되살린 인코딩, 복제된 셀, 고친 테스트)이고 ``digest``는 점수를
    정하는 것 전부의 지문이고 강좌가 적습니다. 다시 돌릴 때 지문이 같으면 이 기록을 그대로 씁니다.
    ``late``는 LMS가 늦었다고 표시했는가, ``seconds``는 걸린 시간입니다.
    """

    student: str
    assignment: str
    status: Status
    digest: str = ""
    results: tuple[CriterionResult, ...] = ()
    written: tuple[WrittenAnswer, ...] = ()
    notes: tuple[str, ...] = ()
    late: bool = False
    seconds: float = field(default=0.0, compare=False)

    @property
    def key(self) -> tuple[str, str]:
        """과제와 학생."""
        return self.assignment, self.student

    @property
    def score(self) -> float:
        """기계가 채점한 기준의 점수. 글로 쓰는 문제는 사람이 채점하므로 따로 셉니다."""
        return sum(result.score for result in self.results)

    @property
    def max_score(self) -> float:
        return sum(result.points for result in self.results)

    def corrected(self, given: Mapping[str, float | None]) -> GradeRecord:
        """강사가 고친 점수를 넣은 기록. ``given``은 셀마다 사람이 준 점수(없으면 None)."""
        changed = {id: score for id, score in given.items() if score is not None}
        results = (replace(one, score=changed.get(one.id, one.score)) for one in self.results)
        return replace(self, results=tuple(results))

    def unread(self, given: Mapping[str, float | None]) -> list[WrittenAnswer]:
        """사람이 아직 읽지 않은 글들."""
        return [answer for answer in self.written if given.get(answer.id) is None]

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> GradeRecord:
        saved = json.loads(text)
        return cls(
            **saved
            | {
                "status": Status(saved["status"]),
                "results": tuple(CriterionResult(**one) for one in saved["results"]),
                "written": tuple(WrittenAnswer.from_saved(one) for one in saved["written"]),
                "notes": tuple(saved["notes"]),
            }
        )
