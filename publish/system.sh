#!/usr/bin/env bash
# pip으로 설치할 수 없는 것을 설치합니다: 브라우저 테스트의 크로미움, 데이터베이스 테스트의 PostgreSQL과 pgbouncer,
# 검색 서버(make opensearch)와 Kafka(make kafka)의 Java와 Maven, 채점할 때 학생의 코드를 가두는 bubblewrap과 libseccomp,
# 책의 점수를 재는 Lighthouse를 받을 npm과 페이지 안의 모델을 견주어 볼 Node.js.
# 이미 있으면 건너뜁니다. 책을 빌드하고 실습을 돌리는 데에는 필요 없습니다.
set -euo pipefail

have_postgres() {
  command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null
}

have_chromium() {
  [ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || command -v google-chrome >/dev/null
}

have_seccomp() {
  compgen -G '/usr/lib*/libseccomp.so.2' >/dev/null || compgen -G '/usr/lib/*/libseccomp.so.2' >/dev/null
}

# 컴파일까지 하는 Java(JDK) 17 이상. `javac -version`은 「javac 17.0.15」나 「javac 1.8.0_392」라고 말합니다
have_java() {
  local version
  version=$(javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p') || true
  [ "${version:-0}" -ge 17 ]
}

# 배포판의 기본 Java는 17보다 낡았을 수도(Ubuntu 22.04) 새로울 수도 있습니다
java_package() {
  if apt-cache show openjdk-17-jdk-headless >/dev/null 2>&1; then
    echo openjdk-17-jdk-headless
  else
    echo default-jdk-headless
  fi
}

missing=()
have_chromium || missing+=(chromium)
have_postgres || missing+=(postgresql)
PATH="$PATH:/usr/sbin" command -v pgbouncer >/dev/null || missing+=(pgbouncer)
command -v bwrap >/dev/null || missing+=(bubblewrap)
have_seccomp || missing+=(libseccomp2)
command -v npm >/dev/null || missing+=(nodejs npm)
have_java || missing+=(default-jdk-headless)
command -v mvn >/dev/null || missing+=(maven)

if [ ${#missing[@]} -eq 0 ]; then
  echo "시스템 부품이 모두 있습니다: 크로미움, PostgreSQL, pgbouncer, bubblewrap, libseccomp, npm, Java, Maven"
  exit 0
fi

echo "없는 시스템 부품: ${missing[*]}"
if ! command -v apt-get >/dev/null; then
  echo "apt-get이 없는 시스템입니다. 아래를 손으로 설치하세요."
  echo "  macOS(Homebrew): brew install --cask chromium && brew install postgresql@17 pgbouncer node openjdk maven"
  echo "    bubblewrap은 리눅스에만 있습니다. macOS와 Windows에서는 도커나 WSL에서 채점하세요."
  echo "  Fedora: dnf install chromium postgresql-server pgbouncer bubblewrap libseccomp nodejs-npm java-21-openjdk-devel maven"
  echo "  그 밖: 크롬 계열 브라우저의 경로를 환경 변수 CHROMIUM에 주어도 됩니다."
  echo "설치하지 않으면 브라우저, PostgreSQL, OpenSearch, Kafka, 샌드박스 테스트와 Lighthouse는 까닭을 밝히고 건너뜁니다."
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  as_root=(sudo)
  echo "관리자 권한이 필요합니다. 비밀번호를 물을 수 있습니다."
fi
export DEBIAN_FRONTEND=noninteractive
echo "패키지 목록을 새로 받습니다."
"${as_root[@]}" apt-get update -qq
missing=("${missing[@]/#default-jdk-headless/$(java_package)}")
echo "설치합니다: ${missing[*]}"
"${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}" >/dev/null
echo "설치했습니다."
