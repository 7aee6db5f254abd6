"""마이그레이션의 테스트들이 함께 쓰는 것: 글을 넣고, 목표까지 가고, 뜻을 견줍니다."""

from ddialab.ops.parallel_change import STEPS, WAITING, TaggedPost, split

TEXTS = ["점심 #맛집", "#밥 #밥 저녁", "그냥 글", "#", "끝 #a#b", "  겹친   빈칸 #c "]
END = len(STEPS)


def filled(columns):
    """글을 넣고, 글마다 적은 글자를 돌려줍니다."""
    columns.prepare()
    return {columns.insert("소라", {"text": text}): text for text in TEXTS}


def drive(migration, *replicas, target=END):
    """목표까지 갑니다. 복제본들은 기다릴 때에야 따라옵니다. 한 일들을 돌려줍니다."""
    migration.aim(target)
    units = []
    for unit in migration.work():
        if unit == WAITING:
            for replica in replicas:
                replica.refresh()
        else:
            units.append(unit)
    return units


def seen(replica, typed):
    return {id: replica.read(id) for id in typed}


def meant(typed):
    return {id: TaggedPost(id, "소라", *split(text)) for id, text in typed.items()}
