"""소스 하나: 모듈의 맨 위에 있는 정의와, 이름마다 어디서 들여왔는지."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PRELUDE = "prelude"  # 대역들. 어느 파일에 있는지는 Library.find가 찾습니다
PRELUDES = tuple(f"{PRELUDE}.{name}" for name in ("containers", "drawing", "writing"))
Target = tuple[str, str]  # (모듈, 이름). 다 찾은 이름은 나무에 "모듈:이름"으로 적습니다


class Source:
    """모듈 하나. ``definitions``는 {이름: 정의하는 문장}, ``imports``는 {이름: 들여온 것}."""

    def __init__(self, name: str, path: Path, text: str):
        self.name, self.path = name, path
        self.tree = ast.parse(text)
        self.definitions: dict[str, ast.stmt] = {}
        self.imports: dict[str, Target] = {}
        self.loose: list[ast.stmt] = []  # 정의가 아닌 문장. 옮길 수 없습니다
        for statement in self.tree.body:
            self._index(statement)
        for node in ast.walk(self.tree):
            self._index_import(node)

    def _index(self, statement: ast.stmt) -> None:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self.definitions[statement.name] = statement
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = getattr(statement, "targets", None) or [statement.target]
            names = [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]
            self.definitions |= dict.fromkeys(names, statement)
        elif not _harmless(statement):
            self.loose.append(statement)

    def _index_import(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.imports[alias.asname or alias.name.partition(".")[0]] = alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                self.imports[alias.asname or alias.name] = node.module or "", alias.name


def _harmless(statement: ast.stmt) -> bool:
    """옮기지 않아도 되는 문장: import, 설명, 형 검사기만 보는 것."""
    if isinstance(statement, ast.If):
        return ast.unparse(statement.test).endswith("TYPE_CHECKING")
    docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return docstring or isinstance(statement, (ast.Import, ast.ImportFrom))


@cache
def read(name: str, path: Path, text: str) -> Source:
    """장면마다 같은 모듈을 읽습니다. 한 번 읽은 나무는 `copied`로 베낀 다음에만 바꿉니다."""
    return Source(name, path, text)


def copied(node: ast.AST) -> ast.AST:
    """나무의 사본. `copy.deepcopy`의 몇 배로 빠릅니다."""
    new = type(node).__new__(type(node))  # 빈 채로 부르면 3.13부터 경고가 납니다
    for name, value in vars(node).items():
        if isinstance(value, list):
            value = [copied(one) if isinstance(one, ast.AST) else one for one in value]
        elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
            value = copied(value)
        setattr(new, name, value)
    return new


class Library:
    """소스들이 있는 폴더 ``root``. 대역(``prelude``)만 이 폴더 곁에 있습니다."""

    def __init__(self, root: Path):
        self.root = root
        self.source, self.path, self.has = cache(self._read), cache(self._path), cache(self._has)

    def _read(self, name: str) -> Source:
        return read(name, self.path(name), self.path(name).read_text("utf-8"))

    def _path(self, name: str) -> Path:
        root = Path(__file__).parent if name in PRELUDES else self.root
        path = root.joinpath(*name.split("."))
        return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")

    def _has(self, name: str) -> bool:
        return bool(name) and self.path(name).is_file()

    def find(self, module: str, name: str) -> Target:
        """``module``의 ``name``이 가리키는 것. 다시 내보낸 이름은 끝까지 따라갑니다."""
        if module == PRELUDE:
            return next((m, name) for m in PRELUDES if name in self.source(m).definitions)
        while self.has(module) and name not in self.source(module).definitions:
            if name not in self.source(module).imports:
                break
            module, name = self.source(module).imports[name]
        return module, name


def arguments(function: ast.AST) -> list[ast.arg]:
    args = function.args
    rest = [arg for arg in (args.vararg, args.kwarg) if arg]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *rest]


def scoped(node: ast.AST, hidden: frozenset = frozenset()) -> Iterator[tuple[ast.AST, frozenset]]:
    """``node``와 그 안의 모든 마디를, 거기서 인자에 가려진 이름들과 함께."""
    yield node, hidden
    inner = hidden
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        inner = hidden | {arg.arg for arg in arguments(node)}
    for field, value in ast.iter_fields(node):
        outside = field in ("decorator_list", "args", "returns")  # 기본값은 함수 밖에서 계산합니다
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from scoped(child, hidden if outside else inner)
