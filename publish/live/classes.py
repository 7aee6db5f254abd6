"""dataclass와 NamedTuple을 손으로 적은 클래스로 풀어 씁니다. 실행할 때 만드는 마법은 없습니다."""

import ast
from collections.abc import Callable
from typing import NamedTuple

FACTORY = "default_factory"


class Field(NamedTuple):
    """필드 하나. ``factory``는 기본값을 새로 만드는 함수, ``keyword``는 이름으로만 넘긴다는 뜻."""

    name: str
    default: ast.expr | None = None
    factory: ast.expr | None = None
    keyword: bool = False


def decorator(node: ast.ClassDef) -> ast.expr | None:
    """``@dataclass``나 ``@dataclass(…)``."""
    for found in node.decorator_list:
        name = found.func if isinstance(found, ast.Call) else found
        if ast.unparse(name).endswith("dataclass"):
            return found
    return None


def base_names(node: ast.ClassDef) -> list[str]:
    return [ast.unparse(base).rpartition(".")[2].partition("[")[0] for base in node.bases]


def is_record(node: ast.ClassDef) -> bool:
    return "NamedTuple" in base_names(node)


def is_protocol(node: ast.ClassDef) -> bool:
    return "Protocol" in base_names(node)


def fields(node: ast.ClassDef) -> list[Field]:
    """클래스에 적은 필드들, 적은 차례로."""
    options = _options(decorator(node))
    keyword, found = options.get("kw_only", False), []
    for statement in node.body:
        if not isinstance(statement, ast.AnnAssign) or "ClassVar" in ast.unparse(
            statement.annotation
        ):
            continue
        if "KW_ONLY" in ast.unparse(statement.annotation):
            keyword = True
        else:
            found.append(_field(statement, keyword))
    return found


def _field(statement: ast.AnnAssign, keyword: bool) -> Field:
    value = statement.value
    if isinstance(value, ast.Call) and ast.unparse(value.func).endswith("field"):
        given = {word.arg: word.value for word in value.keywords}
        return Field(statement.target.id, given.get("default"), given.get(FACTORY), keyword)
    return Field(statement.target.id, value, None, keyword)


def _options(found: ast.expr | None) -> dict[str, bool]:
    words = found.keywords if isinstance(found, ast.Call) else []
    return {word.arg: getattr(word.value, "value", True) for word in words}


def spell(node: ast.ClassDef, inherited: Callable[[str], list[Field]]) -> ast.ClassDef:
    """풀어 쓴 클래스. ``inherited(이름)``은 물려받는 클래스의 필드들입니다."""
    if not is_record(node) and decorator(node) is None:
        return node
    own = {field.name for field in fields(node)}
    above = [f for name in base_names(node) for f in inherited(name) if f.name not in own]
    every = [*above, *fields(node)]
    kept = [s for s in node.body if not _is_field(s, own)]
    written = {s.name for s in kept if isinstance(s, ast.FunctionDef)}
    made = [m for m in _made(node, every) if getattr(m, "name", "") not in written]
    bases = [ast.Name("prelude:Record", ast.Load())] if is_record(node) else node.bases
    decorators = [d for d in node.decorator_list if d is not decorator(node)]
    spelt = ast.ClassDef(node.name, bases, [], [*made, *kept], decorators)
    if hasattr(node, "type_params"):
        spelt.type_params = []
    return ast.fix_missing_locations(ast.copy_location(spelt, node))


def _is_field(statement: ast.stmt, own: set[str]) -> bool:
    return isinstance(statement, ast.AnnAssign) and statement.target.id in own


def _made(node: ast.ClassDef, every: list[Field]) -> list[ast.stmt]:
    """dataclass와 NamedTuple이 만들어 주는 것들."""
    post = any(getattr(s, "name", "") == "__post_init__" for s in node.body)
    lines = [f"_fields = {tuple(field.name for field in every)!r}", _init(every, post)]
    options = _options(decorator(node))
    mine, theirs = (_values(every, owner) for owner in ("self", "other"))
    if decorator(node) is not None and options.get("eq", True):
        same = f"{mine} == {theirs} if type(self) is type(other) else NotImplemented"
        lines.append(f"def __eq__(self, other):\n    return {same}")
    if options.get("frozen") and options.get("eq", True):
        lines.append(f"def __hash__(self):\n    return digest({mine})")
    if options.get("order"):
        for name, sign in {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}.items():
            lines.append(f"def __{name}__(self, other):\n    return {mine} {sign} {theirs}")
    body = ast.parse("\n".join(lines)).body
    for name in (n for s in body for n in ast.walk(s) if isinstance(n, ast.Name)):
        name.id = "prelude:digest" if name.id == "digest" else name.id
    return body


def _values(every: list[Field], owner: str) -> str:
    return "(" + "".join(f"{owner}.{field.name}, " for field in every) + ")"


def _init(every: list[Field], post: bool) -> str:
    ordinary = [_parameter(field) for field in every if not field.keyword]
    keywords = [_parameter(field) for field in every if field.keyword]
    star = ["*"] if keywords else []
    lines = [f"def __init__({', '.join(['self', *ordinary, *star, *keywords])}):"]
    for field in every:
        value = field.name
        if field.factory is not None:
            made = ast.unparse(field.factory)
            value = f"{made}() if {field.name} is None else {field.name}"
        lines.append(f"    self.{field.name} = {value}")
    return "\n".join([*lines, "    self.__post_init__()" if post else "    pass"])


def _parameter(field: Field) -> str:
    if field.factory is not None:
        return f"{field.name}=None"
    default = "" if field.default is None else f"={ast.unparse(field.default)}"
    return field.name + default
