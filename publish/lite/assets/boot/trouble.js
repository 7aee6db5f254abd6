// 실습실이 뜨지 못했을 때: 왜인지 알아보고, 고칠 수 있는 것을 말합니다. 모두 연결 탓으로 돌리지 않습니다.
const NOT_LOADED = /load(ing)? chunk|imported module|module script|MIME type/i;  // 브라우저마다 다른 말
const ELSEWHERE = "그래도 안 되면 책의 페이지에서 노트북을 내려받아 이 컴퓨터의 JupyterLab으로 열 수 있습니다.";
let refusal = "";  // 사이트의 보안 정책이 막은 것

async function fail(reason) {
  if (!ended) alarm(`실습실을 띄우지 못했습니다. ${await cause(reason)} ${ELSEWHERE}`);
}

async function cause(reason) {
  if (location.protocol === "file:") {
    return "파일로 연 페이지에서는 브라우저가 실습실을 막습니다. 책의 서버로 여세요: 저장소에서는 make book, "
      + "내려받은 묶음에서는 python serve.py를 칩니다.";
  }
  if (refusal || /content security policy/i.test(reason)) {
    return `이 사이트의 보안 정책(Content-Security-Policy)이 실습실에 필요한 것을 막았습니다(${refusal || reason}). `
      + "다시 시도해도 같습니다. 사이트를 올린 사람에게 알려 주세요. 필요한 정책은 책의 README에 있습니다.";
  }
  if (typeof WebAssembly === "undefined") {
    return "이 브라우저에서는 WebAssembly가 꺼져 있습니다(iPhone의 차단 모드가 그렇습니다). 켜거나 다른 브라우저로 여세요.";
  }
  if (!navigator.onLine) return "인터넷이 끊겨 있습니다. 연결한 뒤에 다시 시도하세요.";
  const type = await typeOfScripts();
  if (type) {
    return `이 서버가 자바스크립트 파일을 ${type} 형식으로 보내서 브라우저가 실행하지 않습니다. 다시 시도해도 같습니다. `
      + "책의 서버로 여세요: 저장소에서는 make book, 내려받은 묶음에서는 python serve.py를 칩니다.";
  }
  return `까닭: ${reason}. 네트워크를 확인하고 다시 시도하세요.`;
}

// 모듈은 자바스크립트로 보낸 것만 실행됩니다. 제대로 보내면 빈 문자열.
async function typeOfScripts() {
  try {
    const { headers } = await fetch(`${HERE}config-utils.js`, { method: "HEAD" });
    const type = headers.get("Content-Type") ?? "알 수 없는";
    return /javascript/i.test(type) ? "" : type;
  } catch {
    return "";
  }
}

// 띄우는 중이면 실패이고, 뜬 뒤라면 나머지는 그대로 사용할 수 있습니다.
function missing(what) {
  if (!ended) return fail(`${what} 받지 못함`);
  const why = navigator.onLine ? "" : "인터넷이 끊겨 ";
  note("part", `${why}화면의 일부를 받지 못했습니다(${what}). 나머지는 그대로 사용할 수 있습니다. `
    + "연결된 뒤에 페이지를 새로 열면 나옵니다. 고친 셀은 남아 있습니다.", AGAIN);
}

function slow() {
  if (ended || !bar) return;
  if (refusal) return fail(refusal);
  note("slow", "오래 걸리고 있습니다. 느린 연결에서는 몇 분이 걸릴 수 있습니다. "
    + "한 번 받아 두면 다음부터는 빠릅니다.", AGAIN);
}

addEventListener("securitypolicyviolation", ({ disposition, effectiveDirective, blockedURI }) => {
  if (disposition === "report" || !/^(script|worker)-src/.test(effectiveDirective)) return;
  refusal ||= `${effectiveDirective}: ${blockedURI}`;
  if (blockedURI !== "eval") fail(refusal);  // eval은 막혀도 다른 길로 가는 코드가 있습니다
});
addEventListener("error", ({ target }) => {
  if (target instanceof HTMLScriptElement) missing(target.src.replace(/^.*\/|\?.*$/g, ""));
}, true);
addEventListener("unhandledrejection", ({ reason }) => {
  if (/content security policy|unsafe-eval/i.test(reason)) fail(String(reason));
  else if (NOT_LOADED.test(reason)) missing("화면의 코드");
});
addEventListener("offline", () => {
  if (ended) note("offline", "인터넷이 끊겼습니다. 이미 받은 것으로 실습을 계속 실행할 수 있습니다.");
});
addEventListener("online", () => bar && forget("offline"));
