"""
오해: 삭제를 모두 건너뛰면 안전하다(사람들이 일부러 지운 게시글까지 되살린다)
잃는 기준: mistake
힌트: 일부러 지운 게시글이 되살아났습니다
"""


# %% answer-recover
def find_mistakes(log):
    return [
        record["offset"]
        for record in readable(log)
        if record["op"] == "delete_where" and record["author"] is None
    ]


def recover(snapshot, log):
    deletes = [record["offset"] for record in log if record["op"].startswith("delete")]
    return replay(snapshot, log, skip=deletes)
