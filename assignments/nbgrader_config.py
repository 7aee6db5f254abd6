"""과제의 nbgrader 설정. `make release`와 `make grade`, JupyterHub의 교환(exchange)이 씁니다.

`assignments/`에서 `nbgrader 명령`을 치면 이 파일을 읽습니다. 만든 것은 `_build/`에 둡니다.
"""

from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / "_build"
with suppress(OSError):  # 쓸 수 없는 폴더라는 말은 쓰는 명령이 합니다
    (BUILD / "grades").mkdir(parents=True, exist_ok=True)

c = get_config()  # noqa: F821 - nbgrader가 넣어 주는 이름입니다

c.CourseDirectory.course_id = "ddia-ch1"
c.CourseDirectory.root = str(BUILD)
c.CourseDirectory.source_directory = str(HERE / "source")
c.CourseDirectory.release_directory = "release"
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "grades/autograded"
c.CourseDirectory.feedback_directory = "grades/nbgrader-feedback"
c.CourseDirectory.db_url = f"sqlite:///{BUILD / 'grades' / 'gradebook.db'}"

c.ClearSolutions.code_stub = {
    "python": '# 여기에 작성하세요\nraise NotImplementedError("아직 풀지 않은 문제입니다")'
}
c.ClearSolutions.text_stub = "여기에 답을 쓰세요"
c.ExecutePreprocessor.timeout = 60

# 학생이 글과 출력에 넣은 스크립트가 formgrader를 연 강사의 브라우저에서 돌지 못하게 합니다.
c.HTMLExporter.preprocessors = ["nbconvert.preprocessors.sanitize.SanitizeHTML"]
if find_spec("classroom"):  # 허브의 Jupyter에는 채점기가 없을 수 있습니다
    # 장면의 링크를 새 탭에 엽니다. 같은 탭에 열면 채점하던 화면이 사라집니다.
    c.HTMLExporter.preprocessors.insert(0, "classroom.reporting.moment.open_apart")
    c.SanitizeHTML.attributes = {
        "a": ["href", "title", "target", "rel"],
        "abbr": ["title"],
        "acronym": ["title"],
    }
