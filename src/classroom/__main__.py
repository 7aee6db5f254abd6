"""교실의 명령: `make release`, `make grade`, `make feedback`이 부릅니다."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from classroom.record import Status
from ddialab.core.errors import BackendUnavailable, InvalidValue, LabError

CANCELLED = 130  # 셸이 Ctrl-C로 끝난 명령에 주는 종료 코드


def main(argv: list[str] | None = None) -> int:
    """명령 하나를 하고 종료 코드를 돌려줍니다. 모든 제출이 상태를 받았으면 0입니다."""
    args = _parser().parse_args(argv)
    try:
        args.command(args)
    except LabError as error:
        print(*filter(None, (error.problem, error.accepted, error.todo)), sep="\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\n멈췄습니다. 채점한 것은 그대로 있습니다. 같은 명령을 다시 실행하면 이어서 합니다.",
            file=sys.stderr,
        )
        return CANCELLED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("classroom", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("assignments"), help="과제 폴더")
    parser.add_argument("--build", type=Path, default=Path("_build"), help="만든 것을 둘 폴더")
    commands = parser.add_subparsers(required=True, metavar="명령")
    commands.add_parser("release", help="배포본을 만듭니다").set_defaults(command=_release)
    feedback = commands.add_parser("feedback", help="사람이 준 점수를 표와 피드백에 넣습니다")
    feedback.set_defaults(command=_feedback)
    feedback.add_argument("--lms", help="점수를 올릴 LMS: canvas나 moodle")
    feedback.add_argument("--roster", type=Path, help="그 LMS에서 내보낸 CSV")
    grade = commands.add_parser("grade", help="제출 폴더를 채점합니다")
    grade.set_defaults(command=_grade)
    grade.add_argument("submissions", help="학번/과제/노트북이 든 폴더, 또는 LMS에서 받은 zip")
    grade.add_argument("--workers", help="한꺼번에 채점할 제출의 수(없으면 코어의 수)")
    grade.add_argument("--scheduler", help="Dask 스케줄러의 주소, tcp://호스트:포트")
    grade.add_argument("--roster", type=Path, help="명단 CSV")
    grade.add_argument("--unsafe", action="store_true", help="샌드박스 없이 채점합니다")
    grade.add_argument("--force", action="store_true", help="저장된 결과가 있어도 다시 채점합니다")
    return parser


def _release(args) -> None:
    from classroom.course import release

    for path in release(_course(args), os.environ.get("SITE_URL", "")):
        print(f"배포본: {path}")


def _feedback(args) -> None:
    from classroom.course import refresh

    course, wanted = _course(args), _wants_lms(args)
    records = refresh(course)
    _report(course, records)
    if wanted:
        _send_back(course, records, args)


def _wants_lms(args) -> bool:
    """LMS에 올릴 파일을 쓸 것인가. 쓰기 전에 물을 것을 먼저 묻습니다."""
    from classroom.reporting.export import known

    if not args.lms:
        if args.roster:
            print("ROSTER는 LMS=canvas나 LMS=moodle을 함께 적을 때만 사용합니다.", file=sys.stderr)
        return False
    known(args.lms)
    if not args.roster:
        raise InvalidValue(
            f"LMS={args.lms}: 그 LMS에서 내보낸 파일을 지정하지 않았습니다.",
            "사람과 과제의 번호가 든 CSV 파일이어야 합니다.",
            f"make feedback LMS={args.lms} ROSTER=내보낸_파일.csv",
        )
    return True


def _send_back(course, records, args) -> None:
    from classroom.course import to_lms

    filled = to_lms(course, records, args.lms, args.roster)
    print(*filled.notes, sep="\n", file=sys.stderr)
    print(f"LMS에 올릴 파일({filled.people}명): {course.ledger.folder / filled.name}.csv")


def _grade(args) -> None:
    from classroom.marking import spread

    if not args.scheduler:
        spread.warm()
    from classroom.course import grade_all, plan

    executor = _executor(args)
    course = _course(args)
    names: dict[str, str] = {}

    def tell(received) -> None:
        names.update(received.names)
        _received(received)

    folder = _submissions(args.submissions)
    tasks = plan(course, folder, args.roster, unsafe=args.unsafe, tell=tell)
    with executor as pool:
        progress = Progress(len(tasks))
        records = grade_all(course, tasks, pool, args.force, progress, names=names)
        progress.close()
    _report(course, records)


def _received(received) -> None:
    """누구의 것도 아니어서 표에 없는 것들. 아무 말 없이 사라지는 파일은 없습니다."""
    for line in received.skipped:
        print(line, file=sys.stderr)
    if received.strays:
        print("누구의 제출도 아니어서 채점하지 않은 파일:", file=sys.stderr)
        print(*(f"  {path}" for path in received.strays), sep="\n", file=sys.stderr)


def _course(args):
    from classroom.course import Course

    return Course(args.folder.resolve(), args.build.resolve())


def _submissions(given: str) -> Path:
    if not given:
        raise InvalidValue(
            "채점할 제출 폴더를 지정하지 않았습니다.",
            "학번/과제/노트북이 든 폴더나 LMS에서 받은 zip이어야 합니다.",
            "make grade SUBMISSIONS=제출_폴더",
        )
    return Path(given)


def _executor(args) -> AbstractContextManager:
    """제출을 나눠 줄 곳. 샌드박스를 사용할 수 없으면 까닭을 말하고 그만둡니다."""
    from classroom.marking import spread

    if args.scheduler:
        return spread.dask(args.scheduler, partial(_ready, _version(), args.unsafe))
    if why := _ready(_version(), args.unsafe):
        raise BackendUnavailable(
            why,
            "학생의 코드는 샌드박스 안에서만 실행합니다.",
            "할 일은 make doctor가 알려 줍니다. 믿을 수 있는 코드뿐이면 UNSAFE=1을 붙이세요.",
        )
    return spread.local(_workers(args.workers))


def _version() -> str:
    """이 컴퓨터에 있는 두 패키지의 지문."""
    from classroom.marking.fingerprint import hashed
    from classroom.marking.sandbox import PACKAGES

    return hashed(path for package in PACKAGES for path in package.rglob("*.py"))


def _ready(version: str, unsafe: bool) -> str:
    """이 컴퓨터에서 채점할 수 없는 까닭. 없으면 빈 문자열. Dask의 워커에서도 부릅니다."""
    from classroom.marking.sandbox import missing

    if _version() != version:
        return "채점을 시킨 컴퓨터와 저장소의 버전이 다릅니다."
    return "" if unsafe else missing()


def _workers(given: str | None) -> int:
    if not given:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if not given.isdecimal() or not 1 <= int(given) <= 512:
        raise InvalidValue(
            f"WORKERS={given}: 사용할 수 없는 값입니다.",
            "한꺼번에 채점할 제출의 수이고 1 이상 512 이하의 정수여야 합니다.",
            "예: WORKERS=2 (지우면 코어를 다 사용합니다)",
        )
    return int(given)


class Progress:
    """채점이 어디까지 왔는지 한 줄로. 화면이 아니면(파일, CI) 제출마다 한 줄씩 씁니다."""

    def __init__(self, total: int):
        self.total, self.done, self.reused = total, 0, 0
        self.live = sys.stderr.isatty()

    def __call__(self, reused: bool, record) -> None:
        self.done += 1
        if reused:
            self.reused += 1
            return
        self._tell_reused()
        filled = 20 * self.done // self.total
        count = f"{self.done:{len(str(self.total))}}/{self.total}"
        line = f"{count} {record.student} {record.assignment} {record.status.value}"
        if self.live:
            bar = "━" * filled + "─" * (20 - filled)
            print(f"\r\x1b[K{bar} {line}", end="", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def close(self) -> None:
        self._tell_reused()
        if self.live:
            print(file=sys.stderr)

    def _tell_reused(self) -> None:
        if self.reused:
            print(f"지난번 결과 {self.reused}개를 그대로 사용합니다.", file=sys.stderr)
            self.reused = 0


def _report(course, records) -> None:
    """무엇이 몇 개인지, 무엇이 어디에 있는지, 이제 할 일."""
    from classroom.reporting import gradebook

    counts = Counter(record.status for record in records)
    print(f"제출 {len(records)}개: " + ", ".join(f"{s.value} {n}" for s, n in counts.items()))
    print(f"표: {course.ledger.table}")
    print(f"요약: {course.ledger.summary}")
    print(f"피드백: {course.ledger.folder / 'feedback'}")
    if counts[Status.FAILED]:
        print("채점기 오류의 까닭은 표의 notes 열에 있습니다. 고치고 make grade를 다시 실행하세요.")
    marks = gradebook.marks(course.gradebook)
    left = [one for record in records for one in record.unread(marks.get(record.key, {}))]
    if left:
        print(f"사람이 읽을 글이 {len(left)}편 남았습니다: make formgrader, 그다음 make feedback")


if __name__ == "__main__":
    sys.exit(main())
