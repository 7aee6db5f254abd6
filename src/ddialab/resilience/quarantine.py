"""격리: 받은 서버를 거듭 죽인 요청은 더 보내지 않고 따로 모읍니다.

재시도는 요청이 아니라 서버가 잘못했다고 믿습니다. 독이 든 요청이라면 그 믿음이 서버를 차례로 다
죽입니다. 그래서 누가 죽을 때 무엇을 하고 있었는지를 요청마다 셉니다.

실무에서는 브로커가 건넨 횟수를 셉니다: RabbitMQ의 `delivery-limit`, SQS의 `maxReceiveCount`.
넘으면 데드 레터 큐로 갑니다.
"""

from __future__ import annotations

from ddialab.core.errors import check_integer


class Quarantine:
    """``most``번 서버를 죽인 요청을 ``dead``(데드 레터 큐)로 옮깁니다.

    보내기 전에 `allow`에 묻습니다. 처리하던 서버가 죽으면 `killed`로, 답을 들으면 `answered`로
    알립니다.
    """

    def __init__(self, most: int):
        self.most = check_integer("most", most, 1)
        self.kills: dict[str, int] = {}  # 아직 의심만 하는 요청: {번호: 죽인 횟수}
        self.dead: list[str] = []

    def allow(self, request: str) -> bool:
        """번호가 ``request``인 요청을 보내도 되나."""
        return request not in self.dead

    def killed(self, request: str) -> bool:
        """처리하던 서버가 죽었습니다. 이번에 격리했으면 True."""
        if request in self.dead:
            return False
        self.kills[request] = self.kills.get(request, 0) + 1
        if self.kills[request] < self.most:
            return False
        self.kills.pop(request)
        self.dead.append(request)
        return True

    def answered(self, request: str) -> None:
        """답을 들었습니다. 옆의 요청 때문에 죽은 서버에 함께 있었을 뿐이라면 여기서 잊습니다."""
        self.kills.pop(request, None)
