"""
오해: 읽는 것은 쓰는 것이 아니라서, 들어온 순서대로 내보내면 LRU라고 생각합니다.
잃는 기준: lru
힌트: 넣은 순서만 보면 LRU가 아니라 FIFO입니다
"""


# %% answer-cache
class Cache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}

    def get(self, key, now):
        if key not in self.entries:
            return False, None
        value, expires = self.entries[key]
        if expires is not None and now >= expires:
            del self.entries[key]
            return False, None
        return True, value

    def put(self, key, value, now, ttl=None):
        self.entries.pop(key, None)
        for old in [k for k, (_, end) in self.entries.items() if end is not None and now >= end]:
            del self.entries[old]
        if len(self.entries) >= self.capacity:
            oldest = next(iter(self.entries))
            del self.entries[oldest]
        self.entries[key] = (value, None if ttl is None else now + ttl)

    def delete(self, key):
        self.entries.pop(key, None)
