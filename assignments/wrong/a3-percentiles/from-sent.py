"""
오해: 클로즈드 루프가 실제로 보낸 때부터 재어 기다림을 감춥니다.
잃는 기준: intended
힌트: 실제로 보낸 때부터 쟀습니다
"""


# %% answer-plan
def from_plan(probe, interval):
    return [finished - sent for sent, finished in probe]
