"""
오해: 깨진 기록 하나만 버리고 그 뒤의 멀쩡한 기록은 이어서 사용한다
잃는 기준: checksum
힌트: 깨진 기록만 건너뛰고 그 뒤를 이어서 읽었습니다
"""


# %% answer-readable
def readable(log):
    return [record for record in log if record["crc"] == checksum(record)]
