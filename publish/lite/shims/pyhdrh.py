"""HdrHistogram의 C 부분(`pyhdrh`)을 파이썬으로 옮긴 것. 브라우저용으로 빌드한 C 휠이 없습니다.

저장하는 형식은 HdrHistogram V2의 ZigZag LEB128입니다. 잇단 0은 그 개수를 음수 하나로 쓰고,
한 수는 길어야 9바이트이며 아홉째 바이트는 여덟 비트를 다 사용합니다.
https://github.com/HdrHistogram/HdrHistogram (ZigZagEncoding.java)
"""

import ctypes

WORDS = {2: ctypes.c_uint16, 4: ctypes.c_uint32, 8: ctypes.c_uint64}
LONGEST = 9  # 바이트. 한 수를 쓰는 가장 긴 길이


def add_array(target: int, source: int, length: int, word_size: int) -> int:
    """주소 ``source``의 칸들을 ``target``의 칸들에 더하고, 더한 것의 합을 돌려줍니다."""
    ours, theirs = (_words(at, length, word_size) for at in (target, source))
    added = 0
    for index, count in enumerate(theirs):
        if count:
            ours[index] += count
            added += count
    return added


def encode(source: int, length: int, word_size: int, target: int, room: int) -> int:
    """``source``의 칸 ``length``개를 ``target``에 쓰고, 쓴 바이트 수를 돌려줍니다."""
    out = bytearray()
    for number in _runs(_words(source, length, word_size)):
        out += _to_bytes(number << 1 if number >= 0 else (-number << 1) - 1)
    if len(out) > room:
        raise ValueError(f"{len(out)}바이트를 쓸 자리가 {room}바이트뿐입니다.")
    ctypes.memmove(target, bytes(out), len(out))
    return len(out)


def decode(data: bytes, start: int, target: int, length: int, word_size: int) -> dict[str, int]:
    """``data``의 ``start``부터 읽어 ``target``의 칸들을 채우고, 합과 처음·끝 칸을 돌려줍니다."""
    counts, at, index = _words(target, length, word_size), start, 0
    filled = []
    while at < len(data):
        number, at = _from_bytes(data, at)
        if number < 0:
            index -= number
            continue
        if index >= length:
            raise IndexError(f"칸이 {length}개뿐인데 {index}번 칸이 적혀 있습니다.")
        counts[index] = number
        filled.append(index)
        index += 1
    total = sum(counts[i] for i in filled)
    first, last = (filled[0], filled[-1]) if filled else (0, 0)
    return {"total": total, "min_nonzero_index": first, "max_nonzero_index": last}


def _words(address: int, length: int, word_size: int):
    return (WORDS[word_size] * length).from_address(address)


def _runs(counts):
    """0이 아닌 수는 그대로, 잇단 0은 그 개수의 음수 하나로."""
    zeros = 0
    for count in counts:
        if count == 0:
            zeros += 1
            continue
        if zeros:
            yield -zeros
            zeros = 0
        yield count
    if zeros:
        yield -zeros


def _to_bytes(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80 and len(out) < LONGEST - 1:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _from_bytes(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(LONGEST):
        byte, at = data[at], at + 1
        last = place == LONGEST - 1
        value |= (byte if last else byte & 0x7F) << 7 * place
        if last or byte < 0x80:
            break
    return (value >> 1) ^ -(value & 1), at
