# core/judge.py의 Reader: 독자가 친 텍스트를 읽습니다. 옮긴 텍스트의 뒤에 그대로 붙습니다.
import io
import sys

PLACE = 'File "policy", line '


class PolicyReader:
    def read(self, text, names, function):
        space = {}  # 모델의 이름은 하나도 없습니다
        for name in names:
            space[name] = names[name]
        exec(compile(text, "policy", "exec"), space)
        return space[function]

    def line(self, error):
        out = io.StringIO()
        sys.print_exception(error, out)
        found = 0
        for row in out.getvalue().split("\n"):
            if PLACE in row:
                found = int(row.split(PLACE)[1].split(",")[0])
        return found
