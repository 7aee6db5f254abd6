"""난수: CPython의 `random.Random(seed).random()`과 비트까지 같습니다.

여기의 이름은 옮긴 텍스트에서 `live_`로 시작합니다. MicroPython에 없는 문법은 사용하지 않습니다.
"""

SIZE, SHIFT, WORD = 624, 397, 0xFFFFFFFF


class Random:
    """메르센 트위스터(MT19937). 시드는 정수이고, `random()`만 있습니다."""

    def __init__(self, seed):
        rest, key = abs(seed), []
        while rest:
            key.append(rest & WORD)
            rest >>= 32
        self.words, self.used = _seeded(key or [0]), SIZE

    def random(self):
        """0 이상 1 미만. 32비트 둘에서 53비트를 만듭니다."""
        high = self._word() >> 5
        return (high * 67108864.0 + (self._word() >> 6)) / 9007199254740992.0

    def _word(self):
        if self.used == SIZE:
            _twist(self.words)
            self.used = 0
        word = self.words[self.used]
        self.used += 1
        word ^= word >> 11
        word ^= (word << 7) & 0x9D2C5680
        word ^= (word << 15) & 0xEFC60000
        return word ^ (word >> 18)


def _seeded(key):
    """시드의 32비트 조각들로 첫 상태를 만듭니다(init_by_array)."""
    words = [19650218]
    for i in range(1, SIZE):
        words.append((1812433253 * (words[-1] ^ (words[-1] >> 30)) + i) & WORD)
    i = 1
    for step in range(max(SIZE, len(key))):
        j = step % len(key)
        mixed = words[i] ^ ((words[i - 1] ^ (words[i - 1] >> 30)) * 1664525)
        words[i] = (mixed + key[j] + j) & WORD
        i = _next(words, i)
    for _ in range(SIZE - 1):
        mixed = words[i] ^ ((words[i - 1] ^ (words[i - 1] >> 30)) * 1566083941)
        words[i] = (mixed - i) & WORD
        i = _next(words, i)
    words[0] = 0x80000000
    return words


def _next(words, i):
    if i + 1 < SIZE:
        return i + 1
    words[0] = words[-1]
    return 1


def _twist(words):
    for k in range(SIZE):
        mixed = (words[k] & 0x80000000) | (words[(k + 1) % SIZE] & 0x7FFFFFFF)
        word = words[(k + SHIFT) % SIZE] ^ (mixed >> 1)
        words[k] = word ^ 0x9908B0DF if mixed & 1 else word
