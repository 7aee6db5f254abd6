"""
오해: ttl이 10초면 10초째까지는 살아 있다고 생각합니다.
잃는 기준: expiry
힌트: 비교 연산자에 등호가 들어가는지
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
        if expires is not None and now > expires:
            del self.entries[key]
            return False, None
        self.entries[key] = self.entries.pop(key)
        return True, value

    def put(self, key, value, now, ttl=None):
        self.entries.pop(key, None)
        for old in [k for k, (_, end) in self.entries.items() if end is not None and now > end]:
            del self.entries[old]
        if len(self.entries) >= self.capacity:
            oldest = next(iter(self.entries))
            del self.entries[oldest]
        self.entries[key] = (value, None if ttl is None else now + ttl)

    def delete(self, key):
        self.entries.pop(key, None)
