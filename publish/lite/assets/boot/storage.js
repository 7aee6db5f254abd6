// 브라우저의 저장소. 쿠키를 모두 막은 브라우저는 저장소에 손만 대도 오류를 냅니다.
const refusesLocal = attempt(() => localStorage.length) === undefined;

function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}

// JupyterLite는 저장소가 없으면 뜨지 않습니다. 페이지를 닫으면 사라지는 것을 대신 줍니다.
class Memory extends Map {
  get length() { return this.size; }
  key(at) { return [...this.keys()][at] ?? null; }
  getItem(name) { return this.get(name) ?? null; }
  setItem(name, value) { this.set(name, String(value)); }
  removeItem(name) { this.delete(name); }
}
if (refusesLocal) {
  for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(window, name, { configurable: true, value: new Memory() });
  }
}

// IndexedDB가 막혀 있으면 JupyterLite는 localStorage에 저장합니다. 둘 다 막혀 있을 때만 아무것도 남지 않습니다.
function storageRefused() {
  if (!refusesLocal) return Promise.resolve(false);
  return new Promise((resolve) => {
    const request = attempt(() => indexedDB.open(KEPT));
    if (!request) return resolve(true);
    request.onerror = () => resolve(true);
    request.onsuccess = () => {
      request.result.close();
      indexedDB.deleteDatabase(KEPT);
      resolve(false);
    };
  });
}
