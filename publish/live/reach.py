"""부탁한 것에서 시작해, 쓰는 이름과 속성의 이름을 따라 닿는 정의만 고릅니다."""

import ast
import copy
from collections.abc import Iterator

from live import classes
from live.externals import stand_in
from live.refuse import CannotCarry, Examiner, Refusal, bound, method_refusals
from live.rewrite import Rewriter, known
from live.source import PRELUDES, Library, Source, Target, copied, scoped


class Reach:
    """쓰는 이름을 따라 닿은 정의들. 클래스는 메서드마다 따로 닿습니다."""

    def __init__(self, library: Library):
        self.library = library
        self.live: dict[Target, None] = {}
        self.trees: dict[int, ast.stmt] = {}  # 닿은 문장 → 바꾼 나무
        self.waiting: dict[str, list] = {}  # 메서드의 이름 → 부르면 옮길 것들
        self.uses: dict[str, tuple[Source, int]] = {}  # 속성의 이름 → 처음 쓴 자리
        self.dropped: dict[str, list[ast.expr]] = {}
        self.refusals: list[Refusal] = []

    def need(self, target: Target, method: str = "") -> None:
        """``target``과, 클래스라면 바깥에서 부를 ``method``를 옮깁니다."""
        if method:
            self._seen(self.library.source(target[0]), method, ast.Pass())
        if target in self.live:
            return
        self.live[target] = None
        module, name = target
        if not self.library.has(module):
            return  # MicroPython에 있는 것
        source = self.library.source(module)
        if name not in source.definitions:
            raise CannotCarry(
                [Refusal(str(source.path), 1, f"{name}: 없는 이름", "철자를 보세요.")]
            )
        statement = source.definitions[name]
        for sibling, other in source.definitions.items():  # A, B = …: 함께 정하는 이름
            if other is statement:
                self.live[module, sibling] = None
        if id(statement) not in self.trees:
            self._carry(source, statement)

    def _carry(self, source: Source, statement: ast.stmt) -> None:
        if not isinstance(statement, ast.ClassDef):
            self.trees[id(statement)] = self._part(source, statement)
            return
        spelt = copy.copy(classes.spell(statement, lambda name: self._fields(source, name)))
        later = [s for s in spelt.body if _waits(s) and source.name not in PRELUDES]
        spelt.body = [s for s in spelt.body if s not in later]
        tree = self.trees[id(statement)] = self._part(source, spelt)
        self._drop_bases(source, tree)
        for method in later:
            self.waiting.setdefault(method.name, []).append((source, method, tree))
        for method in later:
            if method.name in self.uses:
                self._use(method.name)

    def _part(self, source: Source, node: ast.stmt, names=frozenset()) -> ast.stmt:
        """거절할 것을 보고, 바꾸고, 쓰는 이름을 따라갑니다. ``names``는 클래스의 몸에 있는 이름."""
        tree = copied(node)
        if source.name not in PRELUDES:
            examiner = Examiner(self.library, source, names)
            examiner.visit(node)
            if examiner.found:
                self.refusals += examiner.found
                return tree
            tree = Rewriter(self.library, source).visit(tree)
        tree = ast.fix_missing_locations(_bare(tree))
        for target in self._targets(source, tree):
            self.need(target)
        return tree

    def _targets(self, source: Source, tree: ast.AST) -> Iterator[Target]:
        for node, hidden in scoped(tree):
            if isinstance(node, ast.Name) and node.id not in hidden:
                if found := self.resolve(source, node.id):
                    yield found
            elif isinstance(node, ast.Attribute):
                self._seen(source, node.attr, node)
            elif isinstance(node, ast.Call) and _named(node.func) in ("getattr", "hasattr"):
                for name in _strings(node.args[1], tree):
                    self._seen(source, name, node)

    def _seen(self, source: Source, name: str, node: ast.AST) -> None:
        if name not in self.uses:
            self.uses[name] = source, getattr(node, "lineno", 0)
            self._use(name)

    def _use(self, name: str) -> None:
        for source, method, tree in self.waiting.pop(name, ()):
            tree.body.append(self._part(source, method, bound(tree.body)))

    def resolve(self, source: Source, name: str) -> Target | None:
        """``source``에서 ``name``이 가리키는 것. 지역 변수나 내장 함수면 None."""
        if ":" in name:
            return self.library.find(*name.split(":"))
        if name in source.definitions:
            return source.name, name
        if name not in source.imports:
            return None
        module, inside = self.library.find(*source.imports[name])
        if self.library.has(module):
            return module, inside
        found = stand_in(module, inside)
        return found and self.library.find(*found)

    def _fields(self, source: Source, name: str) -> list[classes.Field]:
        target = self.resolve(source, name)
        if target is None or not self.library.has(target[0]):
            return []
        home = self.library.source(target[0])
        above = home.definitions[target[1]]
        inherited = [f for n in classes.base_names(above) for f in self._fields(home, n)]
        return [*inherited, *classes.fields(above)] if classes.decorator(above) else inherited

    def _drop_bases(self, source: Source, tree: ast.ClassDef) -> None:
        """MicroPython은 내장 예외 둘을 물려받지 못합니다. 뺀 것은 잡는 쪽에서 채웁니다."""
        kept = [b for b in tree.bases if self.resolve(source, ast.unparse(b))]
        for base in tree.bases:
            if kept and base not in kept:
                here = known(source.name, tree.name)
                self.dropped.setdefault(ast.unparse(base), []).append(here)
        tree.bases = kept or [b for b in tree.bases if ast.unparse(b) not in ("Protocol", "ABC")]

    # --- 다 닿은 뒤에 ---

    def finish(self) -> None:
        self.refusals += method_refusals(self.uses, self._defined())
        for module in dict.fromkeys(module for module, _ in self.live):
            if self.library.has(module) and module not in PRELUDES:
                source = self.library.source(module)
                self.refusals += [
                    Refusal(str(source.path), s.lineno, "정의가 아닌 문장", "함수 안에 적으세요.")
                    for s in source.loose
                ]
        if self.refusals:
            raise CannotCarry(sorted(self.refusals))

    def _defined(self) -> set[str]:
        """옮긴 클래스가 스스로 가진 이름: 메서드, 클래스의 변수, `self.이름 = …`."""
        found = set()
        for tree in self.trees.values():
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                    found.add(node.attr)
                elif isinstance(node, ast.ClassDef):
                    found |= {getattr(s, "name", "") for s in node.body}
        return found


def _waits(statement: ast.stmt) -> bool:
    """부를 때까지 옮기지 않을 메서드. `__이름__`은 늘 옮깁니다."""
    if not isinstance(statement, ast.FunctionDef):
        return False
    return not (statement.name.startswith("__") and statement.name.endswith("__"))


def _bare(node: ast.stmt) -> ast.stmt:
    """설명과 빈 자리를 뺀 나무."""
    for inner in ast.walk(node):
        if isinstance(inner, (ast.FunctionDef, ast.ClassDef)):
            body = [s for s in inner.body if not isinstance(s, ast.Pass) and not _is_text(s)]
            body = [s for s in body if not _is_slots(s)]
            inner.body = body or [ast.Pass()]
    return node


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_slots(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__slots__"


def _named(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else ""


def _strings(argument: ast.expr, tree: ast.AST) -> list[str]:
    """`getattr`의 이름. 변수라면 그 정의에 적힌 문자열 모두."""
    nodes = [argument] if isinstance(argument, ast.Constant) else ast.walk(tree)
    return [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
