"""
오해: 옛 내용을 아무도 못 보게 하려면 캐시부터 비워야 한다고 생각합니다.
잃는 기준: edit
힌트: 무효화하자마자 온 독자가
"""


# %% answer-posts
def read_post(id, get, select, put):
    hit, text = get(id)
    if hit:
        return text
    text = select(id)
    put(id, text)
    return text


def edit_post(id, text, write, invalidate):
    invalidate(id)
    write(id, text)
