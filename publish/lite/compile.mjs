// 폴더의 .py를 Pyodide의 파이썬으로 미리 .pyc로 바꿉니다. 브라우저가 시작할 때 컴파일하지 않습니다.
//   node compile.mjs Pyodide-폴더 작업-폴더 [docstring을 남길 모듈 …]
// 크기를 줄이려고 docstring을 빼고, 줄 번호는 함수의 첫 줄만 남깁니다.
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const [home, stage, ...documented] = process.argv.slice(2);
const { loadPyodide } = await import(join(resolve(home), "pyodide.mjs"));
const pyodide = await loadPyodide({ indexURL: `${resolve(home)}/` });
pyodide.runPython(`
import importlib._bootstrap_external as external, importlib.util
from types import CodeType

def translated(source, name, docs):
    source = bytes(source)
    code = compile(source, name, "exec", dont_inherit=True, optimize=0 if docs else 2)
    return bytes(external._code_to_hash_pyc(flat(code), importlib.util.source_hash(source), False))

def flat(code):
    consts = tuple(flat(c) if isinstance(c, CodeType) else c for c in code.co_consts)
    return code.replace(co_consts=consts, co_linetable=one_line(len(code.co_code) // 2))

def one_line(units):
    # PEP 626의 줄 표에서 「칸 정보 없음」(13) 항목. 여덟 명령까지를 한 항목에 씁니다
    lengths = [min(8, units - at) for at in range(0, units, 8)]
    return b"".join(bytes([0x80 | 13 << 3 | length - 1, 0]) for length in lengths)
`);
const translated = pyodide.globals.get("translated");

function walk(folder, name) {
  for (const entry of readdirSync(folder).sort()) {
    const path = join(folder, entry);
    const inside = name ? `${name}/${entry}` : entry;
    if (statSync(path).isDirectory()) walk(path, inside);
    else if (entry.endsWith(".py")) {
      const source = new Uint8Array(readFileSync(path));
      const bytes = translated(source, inside, documented.includes(inside));
      writeFileSync(`${path}c`, bytes.toJs());
      bytes.destroy();
      rmSync(path);
    }
  }
}

for (const root of readdirSync(stage)) walk(join(stage, root), "");
