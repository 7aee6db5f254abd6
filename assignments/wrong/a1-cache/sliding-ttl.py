"""
오해: 자주 읽히는 게시글은 오래 두는 것이 좋으니, 읽을 때마다 만료를 미룹니다.
잃는 기준: expiry
힌트: 만료 시각은 put만 정합니다
"""


# %% answer-cache
class Cache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}
        self.ttls = {}

    def get(self, key, now):
        if key not in self.entries:
            return False, None
        value, expires = self.entries[key]
        if expires is not None and now >= expires:
            del self.entries[key]
            return False, None
        del self.entries[key]
        ttl = self.ttls[key]
        self.entries[key] = (value, None if ttl is None else now + ttl)
        return True, value

    def put(self, key, value, now, ttl=None):
        self.entries.pop(key, None)
        for old in [k for k, (_, end) in self.entries.items() if end is not None and now >= end]:
            del self.entries[old]
        if len(self.entries) >= self.capacity:
            oldest = next(iter(self.entries))
            del self.entries[oldest]
        self.entries[key] = (value, None if ttl is None else now + ttl)
        self.ttls[key] = ttl

    def delete(self, key):
        self.entries.pop(key, None)
