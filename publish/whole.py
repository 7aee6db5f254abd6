"""파일을 통째로만 씁니다: 다 쓴 다음에 제 이름을 주므로, 쓰다 그치면 전의 것이 남습니다."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """내용을 쓸 임시 파일의 경로를 줍니다. 쓰지 못하면 까닭을 밝히는 SystemExit입니다."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        sys.exit(f"{path}를 쓰지 못했습니다({error.strerror}). 쓰기 권한과 남은 공간을 확인하세요.")
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
