"""그대로 옮길 수 없는 코드를 거절합니다: 어느 파일의 몇 번째 줄인지, 무엇으로 적으면 되는지."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from live import classes
from live.externals import BUILTINS, MATH, PARENTS, ROUNDED_MATH, stand_in, vanishes
from live.rewrite import CALLED_SPECS, FIXED, PLAIN_SPECS
from live.source import Library, Source, arguments


class Refusal(NamedTuple):
    """거절 하나. ``instead``는 대신 적을 것입니다."""

    path: str
    line: int
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}. {self.instead}"


class CannotCarry(Exception):
    """옮길 수 없는 모델. ``refusals``에 까닭이 모두 있습니다."""

    def __init__(self, refusals: list[Refusal]):
        self.refusals = refusals
        super().__init__("\n".join(map(str, refusals)))


RANDOM = "엔진의 스트림에서 random()만 뽑으세요."
ROUNDED = "core.engine.rounded(…)로 감싸세요. 마지막 자리가 CPython과 다릅니다."
ENGINE = "ddialab.core.engine"
SETS = "차례가 정해지지 않습니다. 리스트나 dict.fromkeys(…)를 사용하세요."
ONLY_ASCII = "MicroPython에서는 ASCII 글자만 봅니다. 글자를 직접 비교하거나 모델 밖에서 하세요."
NAMES = {
    "set": SETS,
    "frozenset": SETS,
    "round": "실행하는 곳마다 다르게 반올림합니다. 정수로 계산하거나 f-string의 :.2f로 적으세요.",
    "hash": "실행할 때마다 다릅니다. core.engine.seed_of를 사용하세요.",
    "id": "실행할 때마다 다릅니다. 번호를 붙여 두세요.",
    "format": "f-string으로 적으세요.",
    "pow": "x * x처럼 곱하거나 math.pow를 core.engine.rounded(…)로 감싸세요.",
    "print": "사건을 기록하세요(core.events).",
}
SYNTAX = {
    ast.Set: ("집합", SETS),
    ast.SetComp: ("집합", SETS),
    ast.Match: ("match", "MicroPython에 없습니다. if로 적으세요."),
    ast.Global: ("global", "상태는 객체에 담으세요."),
    ast.AsyncFunctionDef: ("async", "엔진에 할 일을 넣으세요(Engine.at)."),
    ast.Await: ("await", "엔진에 할 일을 넣으세요(Engine.at)."),
}
REPLACED = {"dict", "repr", "sorted", "str", "sum", "tuple", "zip"}  # 옮길 때 뜻을 보는 이름
CLOCKS = {"time", "datetime", "calendar", "zoneinfo"}
OUTSIDE = "모델이 쓸 수 있는 모듈이 아닙니다. 결과를 넘겨받은 바깥의 코드에서 하세요."
# 내장 타입의 메서드 가운데 MicroPython에 없는 것(tests/live가 진짜와 비교합니다)
_MISSING = """
    capitalize casefold expandtabs format_map isalnum isascii isdecimal isidentifier isnumeric
    isprintable istitle ljust maketrans removeprefix removesuffix rjust swapcase title translate
    zfill as_integer_ratio bit_count bit_length conjugate denominator imag numerator real
    is_integer fromhex from_number hexdigest move_to_end
"""
_RANDOM = """
    betavariate binomialvariate choice choices expovariate gammavariate gauss getrandbits
    lognormvariate normalvariate paretovariate randbytes randint randrange sample shuffle
    triangular uniform vonmisesvariate weibullvariate
"""
_ASCII = "center isalpha isdigit islower isspace isupper lower splitlines upper"
MISSING_METHODS, RANDOM_METHODS = frozenset(_MISSING.split()), frozenset(_RANDOM.split())
ASCII_METHODS = frozenset(_ASCII.split())  # 한글과 전각 글자에서 다른 답을 합니다


class Examiner(ast.NodeVisitor):
    """정의 하나(또는 메서드 하나)를 봅니다. ``found``에 거절들이 쌓입니다."""

    def __init__(self, library: Library, source: Source, names: frozenset[str] = frozenset()):
        self.library, self.source = library, source
        self.found: list[Refusal] = []
        self.hidden = [names]  # 바깥 함수와 클래스의 이름: 인자와 지역 변수
        self.rounded = int(source.name == ENGINE)  # 맞추는 일을 하는 곳

    def refuse(self, node: ast.AST, what: str, instead: str) -> None:
        path = str(self.source.path)
        self.found.append(Refusal(path, getattr(node, "lineno", 0), what, instead))

    def visit(self, node):
        if SYNTAX.get(type(node)):
            self.refuse(node, *SYNTAX[type(node)])
        super().visit(node)

    # --- 함수와 클래스 ---

    def visit_FunctionDef(self, node):
        self._visit_function(node, node.body)

    def visit_Lambda(self, node):
        self._visit_function(node, [node.body])

    def _visit_function(self, node, body):
        if node.args.kwarg:
            self.refuse(
                node, f"**{node.args.kwarg.arg}", "순서가 없습니다. 인자의 이름을 적으세요."
            )
        for part in [*getattr(node, "decorator_list", []), *node.args.defaults]:
            self.visit(part)
        for part in node.args.kw_defaults:
            if part is not None:
                self.visit(part)
        self._check_generator(node)
        local = bound(body) | {arg.arg for arg in arguments(node)}
        for name in sorted(local & REPLACED):
            self.refuse(node, f"내장 이름을 가린 {name}", "다른 이름을 지으세요.")
        for name in sorted(filter(self._is_module, local)):
            self.refuse(node, f"모듈을 가린 {name}", "다른 이름을 지으세요.")
        if getattr(node, "name", "") == "__new__":
            self.refuse(node, "__new__", "__init__으로 적으세요.")
        self.hidden.append(local)
        for part in body:
            self.visit(part)
        self.hidden.pop()

    def _is_module(self, name: str) -> bool:
        module, inside = self.source.imports.get(name, ("", ""))
        return bool(module) and (not inside or self.library.has(f"{module}.{inside}"))

    def _check_generator(self, node):
        for inner in ast.walk(node):
            closes = isinstance(inner, ast.With) or getattr(inner, "finalbody", None)
            if closes and any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in ast.walk(inner)):
                what = "yield를 감싼 with나 finally"
                self.refuse(inner, what, "언제 닫히는지가 다릅니다. 밖에서 닫으세요.")

    def visit_ClassDef(self, node):
        self._check_class(node)
        self.hidden.append(bound(node.body))
        for part in [*node.decorator_list, *node.bases, *node.body]:
            vanishing = ("NamedTuple", "Protocol", *PARENTS)
            if not isinstance(part, ast.Name) or part.id not in vanishing:
                self.visit(part)
        self.hidden.pop()

    def _check_class(self, node):
        if node.keywords:
            self.refuse(node, "메타클래스", "보통의 클래스로 적으세요.")
        ours, native = [], []
        for name in classes.base_names(node):
            if name in ("NamedTuple", "Protocol", "ABC", "Generic", "object"):
                continue
            (native if name in BUILTINS or name in PARENTS else ours).append(name)
        if len(ours) > 1:
            self.refuse(node, "클래스 둘을 물려받음", "하나만 물려받고 나머지는 필드로 가지세요.")
        for name in native:
            if name in ("str", "int", "float", "list", "tuple", "dict", "bytes"):
                self.refuse(node, f"{name}을 물려받은 클래스", "필드로 가지세요.")

    def _visit_comprehension(self, node):
        """함수 밖에서는 이 이름들을 아는 곳이 여기뿐입니다."""
        self.hidden.append(bound([one.target for one in node.generators]))
        self.generic_visit(node)
        self.hidden.pop()

    visit_ListComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension

    def visit_AnnAssign(self, node):
        if node.value is not None:
            self.visit(node.value)

    # --- 이름과 속성 ---

    def visit_Name(self, node):
        if not isinstance(node.ctx, ast.Load) or any(node.id in names for names in self.hidden):
            return
        if node.id in self.source.definitions or ":" in node.id:
            return
        if node.id in self.source.imports:
            self._check_import(node, *self.source.imports[node.id])
        elif node.id not in BUILTINS:
            self.refuse(node, node.id, NAMES.get(node.id, "MicroPython에 없거나 옮길 수 없습니다."))

    def visit_Attribute(self, node):
        if not isinstance(node.value, ast.Name) or node.value.id not in self.source.imports:
            self.generic_visit(node)
            return
        if any(node.value.id in names for names in self.hidden):
            return
        module, name = self.source.imports[node.value.id]
        inside = f"{module}.{name}" if name else module
        if self.library.has(inside) or stand_in(inside, node.attr) or not name:
            self._check_import(node, inside, node.attr)
        else:
            self.visit(node.value)

    def _check_import(self, node, module, name):
        if self.library.has(module) or vanishes(module, name):
            return
        if module == "math" and name in ROUNDED_MATH:
            if not self.rounded:
                self.refuse(node, f"math.{name}", ROUNDED)
        elif module == "math" and name not in MATH:
            self.refuse(node, f"math.{name}", f"쓸 수 있는 것: {', '.join(MATH + ROUNDED_MATH)}.")
        elif module in CLOCKS:
            self.refuse(node, f"벽시계 {module}.{name}", "엔진의 now를 사용하세요.")
        elif module == "random" and name != "Random":
            self.refuse(node, f"random.{name}", RANDOM)
        elif not stand_in(module, name):
            self.refuse(node, f"{module}.{name}".strip("."), OUTSIDE)

    # --- 식 ---

    def visit_Call(self, node):
        written = ast.unparse(node.func)
        if written == "dict" and any(word.arg is None for word in node.keywords):
            self.refuse(node, "dict(**…)", "{**a, …}로 적으세요.")
        if written == "sum" and not _counts(node):
            self.refuse(
                node, "sum", "실수의 합은 파이썬의 버전마다 다릅니다. 정수라면 sum(int(…) for …), "
                "실수라면 for로 더하세요."
            )  # fmt: skip
        if written == "isinstance":
            self._check_kinds(node)
        if written == "deque" and (node.keywords or len(node.args) > 1):
            self.refuse(node, "길이를 정한 deque", "넘치는 것을 popleft로 버리세요.")
        if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            self.refuse(node, ".format", "f-string으로 적으세요.")
        rounding = written.rpartition(".")[2] == "rounded"
        self.rounded += rounding
        self.generic_visit(node)
        self.rounded -= rounding

    def _check_kinds(self, node):
        kinds = {name.id for name in ast.walk(node.args[1]) if isinstance(name, ast.Name)}
        if "tuple" in kinds:
            self.refuse(node, "isinstance(…, tuple)", "NamedTuple은 튜플이 아니게 됩니다.")
        if any(kind in BUILTINS and kind.endswith("Error") for kind in kinds):
            self.refuse(node, "isinstance(…, …Error)", "except로 잡으세요.")

    def visit_BinOp(self, node):
        literal = isinstance(node.left, ast.Constant)
        if isinstance(node.op, ast.Mod) and literal and isinstance(node.left.value, str):
            self.refuse(node, "% 서식", "f-string으로 적으세요.")
        if isinstance(node.op, ast.Pow) and not self.rounded and not _whole_power(node):
            self.refuse(node, "**", f"x * x처럼 곱하거나 {ROUNDED}")
        self.generic_visit(node)

    def visit_AugAssign(self, node):
        if isinstance(node.op, ast.Pow):
            self.refuse(node, "**=", f"x * x처럼 곱하거나 {ROUNDED}")
        self.generic_visit(node)

    def visit_Slice(self, node):
        if node.step is not None:
            self.refuse(node, "걸음이 있는 슬라이스", "reversed나 range로 적으세요.")
        self.generic_visit(node)

    def visit_FormattedValue(self, node):
        spec = node.format_spec.values if node.format_spec else []
        text = "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in spec)
        carried = not text or text in CALLED_SPECS or FIXED.fullmatch(text)
        if not carried and not PLAIN_SPECS.fullmatch(text):
            self.refuse(
                node, f"서식 :{text}", "쓸 수 있는 서식: d, 03d, +d, 쉼표(,), g, .2f, ,.2f."
            )
        if node.conversion == ord("a"):
            self.refuse(node, "서식 !a", "!r을 사용하세요.")
        self.visit(node.value)


def bound(body: list[ast.AST]) -> frozenset[str]:
    """``body``에서 정하는 이름들. 안에 있는 함수와 클래스의 속은 보지 않습니다."""
    found, rest = set(), list(body)
    while rest:
        node = rest.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.ExceptHandler)) and node.name:
            found.add(node.name)
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda)):
            rest += ast.iter_child_nodes(node)
    return frozenset(found)


def _whole_power(node: ast.BinOp) -> bool:
    return all(
        isinstance(side, ast.Constant) and isinstance(side.value, int) and side.value >= 0
        for side in (node.left, node.right)
    )


def _counts(node: ast.Call) -> bool:
    """더하는 것이 정수나 참과 거짓이라는 것이 글에 드러나는가."""
    if len(node.args) != 1 or not isinstance(node.args[0], (ast.GeneratorExp, ast.ListComp)):
        return False
    item = node.args[0].elt
    if isinstance(item, ast.Call):
        return ast.unparse(item.func) in ("len", "int", "bool", "isinstance", "any", "all")
    if isinstance(item, ast.UnaryOp):
        return isinstance(item.op, ast.Not)
    return isinstance(item, ast.Compare) or isinstance(getattr(item, "value", None), int)


def method_refusals(uses: dict[str, tuple[Source, int]], defined: set[str]) -> Iterator[Refusal]:
    """부른 메서드 가운데 MicroPython에 없는 것. ``defined``는 옮긴 클래스에 있는 이름들입니다."""
    for name, (source, line) in uses.items():
        if name in defined:
            continue
        if name in RANDOM_METHODS:
            yield Refusal(str(source.path), line, f".{name}", RANDOM)
        elif name in MISSING_METHODS:
            yield Refusal(str(source.path), line, f".{name}", "MicroPython에 없는 메서드입니다.")
        elif name in ASCII_METHODS:
            yield Refusal(str(source.path), line, f".{name}", ONLY_ASCII)
