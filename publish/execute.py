"""실습을 처음부터 다시 실행하고, 실행이 만든 수를 본문에 채웁니다.

    python publish/execute.py labs/02-cache-miss.ipynb …   실행한 뒤 채웁니다
    python publish/execute.py --keep labs/*.ipynb          잰 값은 저장한 것을 그대로 둡니다
    python publish/execute.py --fill                       실행하지 않고 채우기만 합니다

수를 채우는 자리는 ``<span data-run="이름">…</span>``(그 실습의 본문)과
``<span data-run="02-cache-miss#이름">…</span>``(다른 곳의 본문)입니다.
이름은 실습 셀의 ``result("이름", …)``이 정합니다.
"""

from __future__ import annotations

import argparse
import copy
import html
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from ddialab.core.valkey import shipped_binary
from runtime import private_runtime

ROOT = Path(__file__).resolve().parents[1]
CELL_SECONDS = 300  # 이보다 오래 걸리는 셀은 멈춘 것으로 봅니다
SPAN = re.compile(r'(<span\b[^<>]*\bdata-run="([^"]*)"[^<>]*>)(.*?)(</span>)', re.DOTALL)
CHOOSES_SERVER = (
    "DDIALAB_BACKEND",
    "REDIS_URL",
    "DATABASE_URL",
    "OPENSEARCH_URL",
    "KAFKA_BOOTSTRAP",
    "DASK_SCHEDULER",
)


class Failure(Exception):
    """고칠 것을 한국어로 말하는 실패. 역추적 없이 이 문장만 보입니다."""


# ── 실행 ────────────────────────────────────────────────────────────


def kernel_env(**changes: str) -> dict[str, str]:
    """커널의 환경 변수. 누구의 컴퓨터에서나 같은 서버, 곧 의존성으로 잠근 Valkey로 실행합니다.

    Kafka는 Java가 있어야 하고 무거워서, 어디서나 띄우지 않고 저장한 결과를 보여 줍니다.
    """
    env = {key: value for key, value in os.environ.items() if key not in CHOOSES_SERVER}
    fixed = {"DDIALAB_STATIC": "1", "MPLBACKEND": "agg", "COLUMNS": "100", "NO_COLOR": "1"}
    fixed["KAFKA_LIBS"] = "off"
    if server := shipped_binary():
        fixed["PATH"] = os.pathsep.join([str(Path(server).parent), env.get("PATH", "")])
    return env | fixed | changes


def read(path: Path) -> NotebookNode:
    """실습 파일을 읽습니다. 없거나 깨졌으면 `Failure`."""
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise Failure(f"{path}: 그런 파일이 없습니다. labs/ 아래의 이름을 확인하세요.") from None
    except (ValueError, nbformat.reader.NotJSONError) as error:
        raise Failure(f"{path}: 노트북으로 읽을 수 없습니다({error}).") from None


def execute(path: Path, env: dict[str, str] | None = None) -> NotebookNode:
    """``path``의 셀을 새 커널에서 위에서 아래로 실행한 노트북을 돌려줍니다(파일은 그대로입니다).

    셀이 오류를 내거나, 내야 할 오류를 내지 않으면 어느 셀인지 말하는 `Failure`.
    """
    nb = read(path)
    for cell in code_cells(nb):
        cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        nb,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": path.parent}},
    )
    try:
        client.execute(env=env or kernel_env())
    except CellExecutionError as error:
        raise Failure(_stopped(path, nb, f"{error.ename}: {error.evalue}")) from None
    except CellTimeoutError:
        raise Failure(_stopped(path, nb, f"{CELL_SECONDS}초 안에 끝나지 않았습니다")) from None
    except DeadKernelError:
        raise Failure(_stopped(path, nb, "커널이 죽었습니다")) from None
    _check_promised_errors(path, nb)
    return clean(nb)


def _stopped(path: Path, nb: NotebookNode, why: str) -> str:
    """``nb``에서 마지막으로 실행하던 셀을 가리키는 문장."""
    started = [i for i, cell in enumerate(nb.cells) if cell.get("execution_count")]
    failed = [i for i in started if any(o.output_type == "error" for o in nb.cells[i].outputs)]
    where = (failed or started or [0])[-1]
    lines = nb.cells[where].source.splitlines()[:8]
    return f"{path}: {where + 1}번째 셀에서 멈췄습니다. {why}\n" + "\n".join(
        f"    {x}" for x in lines
    )


def _check_promised_errors(path: Path, nb: NotebookNode) -> None:
    for number, cell in enumerate(nb.cells, 1):
        promised = "raises-exception" in cell.metadata.get("tags", [])
        if promised and not any(o.output_type == "error" for o in cell.get("outputs", [])):
            raise Failure(
                f"{path}: {number}번째 셀은 오류를 내야 하는데(raises-exception) 내지 않았습니다."
            )


def code_cells(nb: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in nb.cells if cell.cell_type == "code"]


# ── 다시 실행해도 바뀌지 않게 ───────────────────────────────────────


def clean(nb: NotebookNode) -> NotebookNode:
    """시각, 실행한 컴퓨터, 커널의 버전처럼 다시 실행하면 달라지는 것을 지웁니다."""
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nb.metadata = nbformat.from_dict({"kernelspec": python, "language_info": {"name": "python"}})
    for cell in nb.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = clean_outputs(cell.outputs)
    return nb


def clean_outputs(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """잇단 같은 스트림을 하나로 합치고, 텍스트에서 임시 경로와 메모리 주소를 지운 새 목록."""
    merged: list[NotebookNode] = []
    for output in outputs:
        output = nbformat.from_dict(_portable(output))
        last = merged[-1] if merged else None
        if last and last.output_type == output.output_type == "stream" and last.name == output.name:
            last.text += output.text
        else:
            merged.append(output)
    return merged


def _portable(value):
    if isinstance(value, str):
        if "/ipykernel_" in value:  # 띄어쓰기 없는 긴 그림에서 아래 정규식은 몇 초씩 걸립니다
            value = re.sub(r"\S*/ipykernel_\d+/\d+\.py", "실습 셀", value)
        return re.sub(r" at 0x[0-9a-f]{6,}", "", value.replace(str(ROOT), "."))
    if isinstance(value, dict):
        return {key: _portable(item) for key, item in value.items()}
    return [_portable(item) for item in value] if isinstance(value, list) else value


def write(path: Path, text: str) -> None:
    """다 쓴 뒤에 이름을 바꾸므로, 도중에 죽어도 반쯤 쓴 파일이 남지 않습니다."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(draft, path.stat().st_mode if path.exists() else 0o644)
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


# ── 본문의 수 ──────────────────────────────────────────────────────


def results(nb: NotebookNode, where: str) -> dict[str, str]:
    """``result()``가 남긴 {이름: 보이는 텍스트}. 같은 이름이 두 번이면 `Failure`."""
    found: dict[str, str] = {}
    for named in _named_outputs(nb):
        if named["name"] in found:
            raise Failure(
                f'{where}: result("{named["name"]}")가 두 번 나옵니다. 이름을 다르게 지으세요.'
            )
        found[named["name"]] = named["text"]
    return found


def _named_outputs(nb: NotebookNode) -> Iterator[dict]:
    for cell in code_cells(nb):
        for output in cell.outputs:
            if "ddialab" in output.get("metadata", {}):
                yield output.metadata["ddialab"]


def all_results(labs: Path) -> dict[str, str]:
    """``labs`` 폴더 모든 실습의 {"실습#이름": 텍스트}."""
    found = {}
    for path in sorted(labs.glob("*.ipynb")):
        for name, text in results(read(path), str(path)).items():
            found[f"{path.stem}#{name}"] = text
    return found


def fill(text: str, known: dict[str, str], where: str, lab: str = "") -> str:
    """``text``의 span을 ``known``의 텍스트로 채웁니다. 모르는 이름이면 있는 이름을 알려 주는
    `Failure`."""

    def replace(match: re.Match) -> str:
        name = match[2] if "#" in match[2] else f"{lab}#{match[2]}"
        if name not in known:
            near = ", ".join(key for key in known if key.startswith(name.split("#")[0] + "#"))
            raise Failure(
                f'{where}: data-run="{match[2]}"라는 결과가 없습니다. 있는 이름: {near or "없음"}'
            )
        return match[1] + html.escape(known[name], quote=False) + match[4]

    return SPAN.sub(replace, text)


def fill_notebook(nb: NotebookNode, known: dict[str, str], path: Path) -> NotebookNode:
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = fill(cell.source, known, str(path), path.stem)
    return nb


def pages(root: Path) -> list[Path]:
    """수를 채우는 Markdown 페이지: 책의 본문과 README."""
    return [*sorted((root / "chapters").rglob("*.md")), *filter(Path.exists, [root / "README.md"])]


# ── 명령 ───────────────────────────────────────────────────────────


def run_all(paths: list[Path], keep: bool = False) -> list[str]:
    """실습들을 실행해 저장하고, 실패한 까닭들을 돌려줍니다. 실패한 실습의 파일은 그대로 둡니다.

    재는 단계는 저장해 둔 결과도 새로 만듭니다. 출력과 그 결과가 같은 실행에서 나와야 비교할 수
    있습니다. ``keep``이면 저장해 둔 결과를 그대로 사용합니다. 글만 고쳤을 때입니다.
    """
    measure = "DDIALAB_REPLAY" if keep else "DDIALAB_RECORD"

    def run(path: Path) -> None:
        print(f"실행: {path}", flush=True)
        write(path, nbformat.writes(execute(path, kernel_env(**{measure: "1"}))) + "\n")

    with private_runtime():
        return _collect(paths, run)


def fill_all(root: Path) -> list[str]:
    """모든 실습과 페이지의 수를 채우고, 채우지 못한 까닭들을 돌려줍니다."""
    try:
        known = all_results(root / "labs")
    except Failure as failure:
        return [str(failure)]

    def fill_one(path: Path) -> None:
        if path.suffix == ".ipynb":
            before = read(path)
            after = fill_notebook(copy.deepcopy(before), known, path)
            if after != before:  # 그대로면, 누가 고치고 있을지 모를 파일을 건드리지 않습니다
                write(path, nbformat.writes(after) + "\n")
        else:
            write(path, fill(path.read_text(encoding="utf-8"), known, str(path)))

    return _collect([*sorted((root / "labs").glob("*.ipynb")), *pages(root)], fill_one)


def _collect(paths: list[Path], action: Callable[[Path], None]) -> list[str]:
    problems = []
    for path in paths:
        try:
            action(path)
        except (Failure, OSError) as failure:
            problems.append(str(failure))
    return problems


def main(argv: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(description="실습을 실행하고 본문의 수를 채웁니다.")
    parser.add_argument("labs", nargs="*", type=Path, help="실행할 실습 파일")
    parser.add_argument("--keep", action="store_true", help="잰 값은 저장한 것을 그대로 둡니다")
    parser.add_argument("--fill", action="store_true", help="실행하지 않고 본문의 수만 채웁니다")
    options = parser.parse_args(argv)
    if not options.labs and not options.fill:
        parser.error("실행할 실습 파일을 주거나 --fill을 붙이세요.")
    problems = (
        [] if options.fill else run_all([path.resolve() for path in options.labs], options.keep)
    )
    problems += fill_all(root)
    for problem in problems:
        print(f"실패: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
