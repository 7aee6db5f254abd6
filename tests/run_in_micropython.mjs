// 책이 싣는 MicroPython으로 텍스트를 실행하고, 이어서 문장을 하나씩 부릅니다. 부를 때마다 쓰레기를 치웁니다.
//   echo '{"text": "…", "calls": ["go()"], "turns": 9, "last": "print(1)"}' | node run_in_micropython.mjs 폴더
// calls를 turns번 되풀이하고 last로 끝냅니다. 표준 출력의 마지막 줄은 {"bytes": 잡은 메모리, "error": 오류}입니다.
import { readFileSync } from "node:fs";
import { join } from "node:path";

let memory;
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (...given) => {
  const made = await instantiate(...given);
  memory = Object.values(made.instance.exports).find((part) => part instanceof WebAssembly.Memory);
  return made;
};
const { loadMicroPython } = await import(join(process.argv[2], "micropython.mjs"));
const { text, calls, turns, last } = JSON.parse(readFileSync(0, "utf-8"));
const stdout = (line) => process.stdout.write(`${line}\n`);
const python = await loadMicroPython({ heapsize: 1024 * 1024, stdout, linebuffer: true });
let error = "";
try {
  python.runPython(text);
  for (let turn = 0; turn < turns; turn++) calls.forEach((call) => python.runPython(call));
  python.runPython(last);
} catch (raised) {
  error = String(raised.message ?? raised);
}
stdout(JSON.stringify({ bytes: memory.buffer.byteLength, error }));
