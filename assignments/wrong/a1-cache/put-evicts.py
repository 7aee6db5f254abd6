"""
오해: 이미 든 키를 다시 넣을 때도 자리가 하나 더 필요하다고 생각합니다.
잃는 기준: lru
힌트: 값만 바뀔 때는 자리가 더 필요하지 않습니다
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
        self.entries[key] = self.entries.pop(key)
        return True, value

    def put(self, key, value, now, ttl=None):
        for old in [k for k, (_, end) in self.entries.items() if end is not None and now >= end]:
            del self.entries[old]
        if len(self.entries) >= self.capacity:
            oldest = next(iter(self.entries))
            del self.entries[oldest]
        self.entries.pop(key, None)
        self.entries[key] = (value, None if ttl is None else now + ttl)

    def delete(self, key):
        self.entries.pop(key, None)
