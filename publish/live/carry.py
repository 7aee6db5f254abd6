"""모델이 실제로 쓰는 정의를, MicroPython이 실행할 텍스트 하나로 옮깁니다."""

import ast
import builtins
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from live.reach import Reach
from live.source import PRELUDES, Library, Source, Target, scoped

SRC = Path(__file__).parents[2] / "src"


class Carried(NamedTuple):
    """옮긴 텍스트와, 부탁한 것들이 거기서 불리는 이름."""

    text: str
    names: dict[str, str]


def carry(entries: list[str], root: Path = SRC) -> Carried:
    """``"패키지.모듈:이름"``이나 ``"패키지.모듈:클래스.메서드"``들과 그것이 쓰는 것을 옮깁니다.

    옮길 수 없으면 `CannotCarry`.
    """
    library = Library(root)
    reach, targets = Reach(library), {}
    for entry in entries:
        module, _, path = entry.partition(":")
        name, _, method = path.partition(".")
        targets[entry] = library.find(module, name)
        reach.need(targets[entry], method)
    reach.finish()
    writer = Writer(reach)
    text = "\n".join(ast.unparse(statement) for statement in writer.statements()) + "\n"
    return Carried(text, {entry: writer.names[target] for entry, target in targets.items()})


class Writer:
    """닿은 정의들을 겹치지 않는 이름으로, 쓰기 전에 정하는 차례로 적습니다."""

    def __init__(self, reach: Reach):
        self.reach, self.names = reach, named(reach.live)

    def statements(self) -> Iterator[ast.stmt]:
        """옮긴 문장들, 쓰기 전에 정하는 차례로."""
        yield from ast.parse("import json, math\nfrom collections import OrderedDict").body
        for (module, name), here in self.names.items():
            if not self.reach.library.has(module):
                alias = [ast.alias(name, here if here != name else None)]
                yield ast.ImportFrom(module, alias, 0)
        for module in self._modules():
            source, written = self.reach.library.source(module), set()
            for statement in source.definitions.values():
                tree = self.reach.trees.get(id(statement))
                if tree is not None and id(tree) not in written:
                    written.add(id(tree))
                    yield self._renamed(source, tree)

    def _modules(self) -> list[str]:
        """들여오는 것이 앞에 오는 차례."""
        used = {module for module, _ in self.reach.live if self.reach.library.has(module)}
        order = dict.fromkeys(module for module in PRELUDES if module in used)
        seen: set[str] = set()

        def add(module: str) -> None:
            if module in seen or not self.reach.library.has(module):
                return
            seen.add(module)
            for below, name in self.reach.library.source(module).imports.values():
                add(below)
                add(f"{below}.{name}")
            if module in used:
                order[module] = None

        for module in sorted(used - order.keys()):
            add(module)
        return list(order)

    def _renamed(self, source: Source, tree: ast.stmt) -> ast.stmt:
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and node.type is not None:
                self._widen(node)
        kept = {id(name) for name in _class_variables(tree)}
        for node, hidden in list(scoped(tree)):
            if isinstance(node, ast.Name) and node.id not in hidden and id(node) not in kept:
                target = self.reach.resolve(source, node.id)
                node.id = self.names.get(target, node.id) if target else node.id
        if isinstance(tree, (ast.FunctionDef, ast.ClassDef)):
            tree.name = self.names[source.name, tree.name]
        return tree

    def _widen(self, handler: ast.ExceptHandler) -> None:
        """내장 예외를 잡는 곳에, 그것을 물려받지 못하게 된 우리 오류들을 더합니다."""
        caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        more = [
            ours
            for base, dropped in self.reach.dropped.items()
            for ours in dropped
            if any(_is_below(base, ast.unparse(one)) for one in caught)
        ]
        if more:
            handler.type = ast.Tuple([*caught, *copy.deepcopy(more)], ast.Load())


def _is_below(name: str, above: str) -> bool:
    """내장 예외 ``name``이 ``above``이거나 그 아래인가."""
    low, high = getattr(builtins, name, None), getattr(builtins, above, None)
    return isinstance(low, type) and isinstance(high, type) and issubclass(low, high)


def named(live: dict[Target, None]) -> dict[Target, str]:
    """겹치지 않는 이름. 대역은 `live_`로 시작하고, 겹치는 것에는 모듈의 이름이 붙습니다."""
    names: dict[Target, str] = {}
    for module, name in sorted(live):
        here = f"live_{name}" if module in PRELUDES else name
        if here in names.values():
            here = f"{module.replace('.', '_')}_{name}"
        names[module, name] = here
    return names


def _class_variables(tree: ast.stmt) -> Iterator[ast.Name]:
    """클래스의 몸에서 정하는 이름. 모듈의 이름과 같아도 속성이므로 바꾸지 않습니다."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for statement in node.body:
                if isinstance(statement, ast.Assign):
                    yield from (t for t in statement.targets if isinstance(t, ast.Name))
