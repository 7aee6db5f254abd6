// 파이썬 파일 하나를 브라우저의 파이썬(Pyodide)으로, 실습실의 대역(shims)과 함께 실행합니다.
//   node run_in_pyodide.mjs Pyodide-폴더 sql.js-폴더 대역-폴더 파일.py
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [home, sql, shims, script] = process.argv.slice(2);
const { loadPyodide } = await import(join(home, "pyodide.mjs"));
const pyodide = await loadPyodide({ indexURL: `${home}/` });
const initSqlJs = createRequire(import.meta.url)(join(sql, "dist/sql-wasm.js"));
pyodide.registerJsModule("sqljs", await initSqlJs({ locateFile: (name) => join(sql, "dist", name) }));
for (const name of readdirSync(shims).filter((name) => name.endsWith(".py"))) {
  pyodide.FS.writeFile(`/lib/python3.12/site-packages/${name}`, readFileSync(join(shims, name), "utf-8"));
}
try {
  pyodide.runPython(readFileSync(script, "utf-8"));
} catch (error) {
  console.error(String(error.message).slice(-2000));
  process.exit(1);
}
