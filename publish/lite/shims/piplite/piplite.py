"""커널이 값을 넣어 두는 모듈(이름은 jupyterlite-pyodide-kernel이 정합니다)."""


async def install(requirements, *_, **__):
    """설치하지 않습니다. 무엇을 사용할 수 있는지 알려 주는 `ModuleNotFoundError`를 냅니다."""
    raise ModuleNotFoundError(
        f"브라우저 실습실에는 패키지를 더 설치할 수 없습니다: {requirements}. "
        "실습에서 사용하는 것(ddialab, numpy, fakeredis, ipywidgets)은 이미 들어 있습니다. "
        "다른 것이 필요하면 저장소를 내려받아 make lab으로 여세요."
    )
