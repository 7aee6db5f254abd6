"""
오해: 복구는 실수 직전으로 돌아가는 것이다(실수 뒤의 쓰기를 버린다)
잃는 기준: mistake
힌트: 실수 뒤에 쓴 글이 없습니다
"""


# %% answer-recover
def find_mistakes(log):
    return [
        record["offset"]
        for record in readable(log)
        if record["op"] == "delete_where" and record["author"] is None
    ]


def recover(snapshot, log):
    mistakes = find_mistakes(log)
    return replay(snapshot, log, mistakes[0] if mistakes else None)
