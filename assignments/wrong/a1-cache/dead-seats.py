"""
오해: 만료는 읽을 때만 확인하면 된다고 생각합니다. 아무도 읽지 않는 만료된 항목이 자리를 지킵니다.
잃는 기준: expiry
힌트: 만료된 항목이 자리를 차지해서
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
        self.entries.pop(key, None)
        if len(self.entries) >= self.capacity:
            oldest = next(iter(self.entries))
            del self.entries[oldest]
        self.entries[key] = (value, None if ttl is None else now + ttl)

    def delete(self, key):
        self.entries.pop(key, None)
