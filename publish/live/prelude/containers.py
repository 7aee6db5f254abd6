"""담는 것과 그 차례: 순서를 지키는 사전, 센 수, 줄, 이름 있는 튜플, 정렬, JSON.

여기의 이름은 옮긴 텍스트에서 `live_`로 시작합니다. MicroPython에 없는 문법은 사용하지 않습니다.
"""

import json
from collections import OrderedDict

Integral = int
Real = (int, float)


class Dict(OrderedDict):
    """넣은 순서를 지키는 사전. MicroPython의 `dict`는 순서가 없습니다.

    찾는 시간이 열쇠의 수에 비례합니다. 열쇠가 천 개를 넘지 않는 모델에 알맞습니다.
    """

    def __init__(self, items=()):
        super().__init__(items.items() if isinstance(items, dict) else items)

    def __eq__(self, other):
        if not isinstance(other, dict) or len(self) != len(other):
            return False
        return all(key in other and other[key] == self[key] for key in self)

    def update(self, other):
        for key, value in Dict(other).items():
            self[key] = value

    def copy(self):
        return Dict(self)


def merge(*parts):
    """`{**a, "열쇠": 값}`: 뒤의 것이 이깁니다."""
    merged = Dict()
    for part in parts:
        for key in part:
            merged[key] = part[key]
    return merged


def fromkeys(keys, value=None):
    """`dict.fromkeys`."""
    return Dict([(key, value) for key in keys])


class Counter(Dict):
    """센 수. 없는 열쇠는 0입니다."""

    def __init__(self, items=()):
        super().__init__()
        for item in items:
            self[item] += 1

    def __getitem__(self, key):
        return self.get(key, 0)

    def most_common(self, n=None):
        return ordered(self.items(), key=lambda pair: pair[1], reverse=True)[:n]


class Deque(list):
    """길이에 끝이 없는 양쪽 줄. MicroPython의 것은 길이를 미리 정해야 합니다."""

    def __init__(self, items=()):
        super().__init__(items)

    def popleft(self):
        return self.pop(0)

    def appendleft(self, item):
        self.insert(0, item)


class Record:
    """`NamedTuple`: 이름으로도 차례로도 읽는 튜플. 필드는 옮길 때 `_fields`에 적습니다."""

    @classmethod
    def _make(cls, values):
        return cls(*values)

    def _tuple(self):
        return tuple([getattr(self, name) for name in self._fields])

    def _replace(self, **changes):
        return type(self)(*[changes.get(name, getattr(self, name)) for name in self._fields])

    def __iter__(self):
        return iter(self._tuple())

    def __len__(self):
        return len(self._fields)

    def __getitem__(self, index):
        return self._tuple()[index]

    def __eq__(self, other):
        return self._tuple() == (other._tuple() if isinstance(other, Record) else other)

    def __lt__(self, other):
        return self._tuple() < tuple(other)

    def __gt__(self, other):
        return self._tuple() > tuple(other)

    def __hash__(self):
        return hash(self._tuple())


def replace(instance, **changes):
    """`dataclasses.replace`."""
    values = [changes.get(name, getattr(instance, name)) for name in instance._fields]
    return type(instance)(*values)


def digest(values):
    """고친 적 없는 dataclass를 사전의 열쇠로 쓸 때. 밖으로 나가지 않습니다."""
    return hash(values)


class Count:
    """`itertools.count`."""

    def __init__(self, start=0, step=1):
        self.next, self.step = start, step

    def __iter__(self):
        return self

    def __next__(self):
        now = self.next
        self.next += self.step
        return now


def strict_zip(*iterables):
    """`zip(…, strict=True)`."""
    columns = [list(items) for items in iterables]
    if any(len(column) != len(columns[0]) for column in columns):
        raise ValueError("zip: the lengths differ")
    return zip(*columns)  # noqa: B905  MicroPython의 zip에는 strict가 없습니다


# --- 차례: MicroPython의 sorted는 같은 것들의 차례를 지키지 않습니다 ---


def ordered(items, key=None, reverse=False):
    """`sorted`: 같은 것들의 차례를 지키는 병합 정렬."""
    items = list(items)
    pairs = [(item if key is None else key(item), item) for item in items]
    if reverse:  # CPython처럼 거꾸로 정렬해도 같은 것들의 차례는 그대로입니다
        pairs.reverse()
    width = 1
    while width < len(pairs):
        pairs = [
            pair
            for start in range(0, len(pairs), 2 * width)
            for pair in _merged(
                pairs[start : start + width], pairs[start + width : start + 2 * width]
            )
        ]
        width *= 2
    if reverse:
        pairs.reverse()
    return [pair[1] for pair in pairs]


def _merged(left, right):
    merged, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        if right[j][0] < left[i][0]:
            merged.append(right[j])
            j += 1
        else:
            merged.append(left[i])
            i += 1
    return merged + left[i:] + right[j:]


def sort(items, key=None, reverse=False):
    """`list.sort`."""
    items[:] = ordered(items, key, reverse)


# --- JSON ---


def dumps(value, ensure_ascii=False, separators=None):
    """`json.dumps`. 정수, 문자열, 참과 거짓, 리스트, 튜플, 사전만 적습니다."""
    return json.dumps(value) if separators is None else json.dumps(value, separators=separators)


def loads(written):
    """`json.loads`. 사전의 순서는 믿을 수 없으므로, 차례로 읽지 말고 이름으로 읽으세요."""
    return _kept(json.loads(written))


def _kept(value):
    if isinstance(value, dict):
        return Dict([(key, _kept(value[key])) for key in value])
    return [_kept(item) for item in value] if isinstance(value, list) else value
