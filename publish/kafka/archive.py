"""Kafka의 클래스를 Java가 미리 읽어 두게 합니다(CDS): 한 번 띄웠다 끄면 됩니다.

실습과 테스트는 브로커를 여러 번 띄우고, 뜨는 데 드는 CPU의 절반이 클래스를 읽는 일입니다.
"""

from __future__ import annotations

from pathlib import Path

from ddialab.core.errors import LabError
from ddialab.core.kafka import KafkaHome, archive_of, start_brokers
from ddialab.core.workspace import Workspace
from jvm.folder import waiting_turn
from jvm.progress import tell


def prepare(home: KafkaHome, cache: Path) -> None:
    """아직 없으면 만듭니다. 못 만들어도 Kafka는 뜹니다."""
    archive = archive_of(home.java)
    with waiting_turn(cache):
        if archive.exists():
            return
        tell("다음부터 빨리 뜨게 클래스를 미리 읽어 둡니다(처음 한 번).")
        with Workspace(cache) as workspace:
            draft, data = workspace.folder / "classes.jsa", workspace.folder / "data"
            data.mkdir()
            learning = home._replace(options=(f"-XX:ArchiveClassesAtExit={draft}",))
            try:
                start_brokers(workspace, folder=data, home=learning).close()
                draft.rename(archive)  # 다 적은 것만 놓습니다
            except (LabError, OSError) as error:
                tell(f"  읽어 두지 못했습니다({error}).")
