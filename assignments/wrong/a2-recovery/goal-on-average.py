"""
오해: 사고들의 평균이 목표 안이면 목표를 지킨 것이다
잃는 기준: policy
힌트: 가장 나쁜 사고에서도 지켜야 합니다
"""


# %% answer-choose
def choose(measured, goal):
    def average(values):
        return sum(values) / len(values)

    fit = [
        name
        for name, seen in measured.items()
        if all(average(seen[key]) <= goal[key] for key in ("lost_minutes", "down_minutes"))
    ]
    return min(fit, key=lambda name: measured[name]["cost"], default=None)


measured = table(policies, incidents, measure)
my_policy = choose(measured, GOAL)
my_lost = max(measured[my_policy]["lost_writes"])
my_down = max(measured[my_policy]["down_minutes"])
