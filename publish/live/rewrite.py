"""MicroPython에 없는 적는 법을 있는 것으로 바꿉니다. 뜻은 그대로입니다."""

import ast
import re

from live.externals import stand_in
from live.source import PRELUDE, Library, Source

FIXED = re.compile(r"(,?)\.(\d+)f")
STAND_INS = {"dict": "Dict", "repr": "represent", "sorted": "ordered"}
CALLED_SPECS = {",": "grouped", ",d": "grouped", "g": "general"}
PLAIN_SPECS = re.compile(r"\+?(0\d+)?d|0\d+")


def known(module: str, name: str) -> ast.Name:
    """다 찾은 이름. `names`가 마지막에 진짜 이름으로 바꿉니다."""
    return ast.Name(f"{module}:{name}", ast.Load())


def call(name: str, *args: ast.expr, keywords=()) -> ast.Call:
    return ast.Call(known(PRELUDE, name), list(args), list(keywords))


class Rewriter(ast.NodeTransformer):
    """``source``의 나무를 바꿉니다. 들여온 이름은 ``library``에서 찾습니다."""

    def __init__(self, library: Library, source: Source):
        self.library, self.source = library, source

    # --- 사라지는 것: 형, 설명, import ---

    def visit_AnnAssign(self, node):
        self.generic_visit(node)
        return None if node.value is None else ast.Assign([node.target], node.value)

    def visit_Import(self, node):
        return ast.Pass()

    visit_ImportFrom = visit_Import

    def visit_Expr(self, node):
        self.generic_visit(node)
        return ast.Pass() if isinstance(node.value, ast.Constant) else node

    def visit_FunctionDef(self, node):
        node.returns = None
        if hasattr(node, "type_params"):
            node.type_params = []
        self.generic_visit(node)
        return node

    def visit_arguments(self, node):
        node.args, node.posonlyargs = [*node.posonlyargs, *node.args], []
        self.generic_visit(node)
        return node

    def visit_arg(self, node):
        return ast.arg(node.arg)

    # --- 이름 ---

    def visit_Name(self, node):
        return known(PRELUDE, STAND_INS[node.id]) if node.id in STAND_INS else node

    def visit_Attribute(self, node):
        """들여온 모듈의 것(`engine.rounded`, `math.floor`)은 그 이름으로 바꿉니다."""
        if isinstance(node.value, ast.Name) and node.value.id in self.source.imports:
            module, name = self.source.imports[node.value.id]
            module = f"{module}.{name}" if name else module
            if self.library.has(module):
                return known(*self.library.find(module, node.attr))
            if found := stand_in(module, node.attr):
                return known(*found)
        self.generic_visit(node)
        return node

    # --- 리스트, 튜플, 사전 ---

    def visit_List(self, node):
        self.generic_visit(node)
        return self._unfolded(node) if _has_star(node) else node

    def visit_Tuple(self, node):
        self.generic_visit(node)
        if not _has_star(node):
            return node
        return ast.Call(ast.Name("tuple", ast.Load()), [self._unfolded(node)], [])

    def _unfolded(self, node):
        """`[*a, b]` → `list(a) + [b]`."""
        parts = []
        for item in node.elts:
            if isinstance(item, ast.Starred):
                parts.append(ast.Call(ast.Name("list", ast.Load()), [item.value], []))
            elif parts and isinstance(parts[-1], ast.List):
                parts[-1].elts.append(item)
            else:
                parts.append(ast.List([item], ast.Load()))
        total = parts[0]
        for part in parts[1:]:
            total = ast.BinOp(total, ast.Add(), part)
        return total

    def visit_Dict(self, node):
        self.generic_visit(node)
        pieces, pairs = [], []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                pairs.append(ast.Tuple([key, value], ast.Load()))
                continue
            pieces += [_ordered(pairs), value] if pairs else [value]
            pairs = []
        if not pieces:
            return _ordered(pairs)
        return call("merge", *pieces, *([_ordered(pairs)] if pairs else []))

    def visit_DictComp(self, node):
        self.generic_visit(node)
        pair = ast.Tuple([node.key, node.value], ast.Load())
        return call("Dict", ast.ListComp(pair, node.generators))

    # --- 부르기 ---

    def visit_Call(self, node):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        written = ast.unparse(node.func)
        self.generic_visit(node)
        if method == "sort":
            return call("sort", node.func.value, *node.args, keywords=node.keywords)
        if name == "str" and len(node.args) == 1:
            return call("text", *node.args)
        if name == "map" and ast.unparse(node.args[0]) == "str":
            node.args[0] = known(PRELUDE, "text")
        if name == "zip" and node.keywords:
            return call("strict_zip", *node.args)
        if name == "dict" and node.keywords:
            return self._dict_of_keywords(node)
        if written == "dict.fromkeys":
            return call("fromkeys", *node.args)
        if written == "int.from_bytes" and len(node.args) == 1 and not node.keywords:
            node.args.append(ast.Constant("big"))
        if written == "object.__setattr__":
            node.func = ast.Name("setattr", ast.Load())
        return node

    def _dict_of_keywords(self, node):
        pairs = [ast.Tuple([ast.Constant(w.arg), w.value], ast.Load()) for w in node.keywords]
        return call("merge", *node.args, _ordered(pairs)) if node.args else _ordered(pairs)

    # --- 글 ---

    def visit_JoinedStr(self, node):
        self.generic_visit(node)
        empty = ast.Attribute(ast.Constant(""), "join", ast.Load())
        return ast.Call(empty, [ast.Tuple(node.values, ast.Load())], [])

    def visit_FormattedValue(self, node):
        spec = "".join(p.value for p in node.format_spec.values) if node.format_spec else ""
        value = self.visit(node.value)
        if found := FIXED.fullmatch(spec):
            return call("fixed", value, ast.Constant(int(found[2])), ast.Constant(bool(found[1])))
        if spec in CALLED_SPECS:
            return call(CALLED_SPECS[spec], value)
        if PLAIN_SPECS.fullmatch(spec):
            form = ast.Attribute(ast.Constant(f"{{:{spec}}}"), "format", ast.Load())
            return ast.Call(form, [value], [])
        return call("represent" if node.conversion == ord("r") else "text", value)

    # --- 오류 ---

    def visit_Raise(self, node):
        self.generic_visit(node)
        node.cause = None
        return node


def _ordered(pairs: list[ast.expr]) -> ast.Call:
    return call("Dict", *([ast.Tuple(pairs, ast.Load())] if pairs else []))


def _has_star(node) -> bool:
    return isinstance(node.ctx, ast.Load) and any(isinstance(e, ast.Starred) for e in node.elts)
