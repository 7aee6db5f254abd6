"""파일 없는 로그는 파일의 로그와 같은 답을 합니다."""

import pytest

from ddialab.blocks.log import Log
from ddialab.blocks.tape import Tape
from ddialab.core.errors import InvalidValue
from ddialab.ops.recovery import offset_at


def filled(log):
    for n in range(5):
        assert log.append(f"기록 {n}".encode()) == n
    log.truncate(4)
    return log


def test_it_answers_like_the_log_in_a_file(tmp_path):
    times = [1.0, 2.0, 2.0, 4.0, 5.0]
    tape = filled(Tape(clock=iter(times).__next__))
    with Log(tmp_path / "log", fsync="none", clock=iter(times).__next__) as log:
        filled(log)
        for start, end in ((0, None), (1, 3), (4, 4)):
            assert tape.read(start, end) == list(log.read(start, end))
        for moment in (0, 1, 2, 3.5, 9):
            assert offset_at(tape, moment) == offset_at(log, moment)
        assert tape.end == log.end == 4


@pytest.mark.parametrize("places", [(-1, None), (3, 2), (0, 5), (5, None), ("0", None)])
def test_records_that_are_not_there_are_refused(places):
    with pytest.raises(InvalidValue):
        filled(Tape()).read(*places)
