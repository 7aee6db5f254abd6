"""JupyterHub에서 강사와 학생이 함께 읽는 nbgrader 설정. `/etc/jupyter/`에 둡니다.

수업의 이름과 교환 폴더만 정합니다. 강사는 여기에 더해 `assignments/nbgrader_config.py`를 씁니다.
"""

c = get_config()  # noqa: F821 - nbgrader가 넣어 주는 이름입니다

c.CourseDirectory.course_id = "ddia-ch1"
c.Exchange.root = "/srv/nbgrader/exchange"
