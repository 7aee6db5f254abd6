"""수업용 JupyterHub 설정의 본보기: nbgrader의 교환 폴더를 모두가 함께 봅니다.

    pip install -r assignments/hub/requirements.txt
    npm install -g configurable-http-proxy
    sudo HUB_SPAWNER=docker jupyterhub -f assignments/hub/jupyterhub_config.py

`HUB_SPAWNER`가 docker이면 학생마다 컨테이너를 하나씩 띄우고, 없으면 이 컴퓨터의 프로세스로
띄웁니다. 어느 쪽이든 학생의 계정은 이 컴퓨터의 리눅스 계정입니다. 교환 폴더에서 남의 제출을
못 보게 막는 것이 바로 리눅스의 사용자 번호(uid)이기 때문입니다.
"""

import os
import shutil
import sys
from pathlib import Path

c = get_config()  # noqa: F821 - JupyterHub가 넣어 주는 이름입니다

EXCHANGE = "/srv/nbgrader/exchange"  # assignments/hub/nbgrader_config.py와 같아야 합니다
IMAGE = "ddialab:latest"  # docker build -t ddialab .
STATE = Path(os.environ.get("HUB_STATE", "/srv/jupyterhub"))  # 접속 기록과 쿠키의 열쇠

# ── 누가 들어오나 ──────────────────────────────────────────────────
# 기본은 리눅스 계정(PAM)입니다. 학교 계정을 쓰려면 oauthenticator나 ltiauthenticator로 바꿉니다.
c.Authenticator.admin_users = {"instructor"}
c.LocalAuthenticator.allowed_groups = {"students"}  # 리눅스 그룹: usermod -aG students 2026-0001

# ── 어디에서 여나 ──────────────────────────────────────────────────
# 바깥에는 HTTPS를 맡은 nginx나 Caddy만 보이게 하고, 허브는 그 뒤에 둡니다.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.db_url = f"sqlite:///{STATE / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")

# ── 학생 한 명의 서버 ──────────────────────────────────────────────
c.Spawner.default_url = "/lab"
c.Spawner.environment = {"PYTHONUTF8": "1"}
c.Spawner.args = [
    "--MappingKernelManager.cull_idle_timeout=1800",  # 초. 30분 쉰 커널을 닫습니다
    "--ServerApp.shutdown_no_activity_timeout=3600",  # 초. 한 시간 쉰 서버를 닫습니다
]

if os.environ.get("HUB_SPAWNER") == "docker":
    # SystemUserSpawner는 컨테이너를 학생의 uid로 돌리고 학생의 홈 폴더를 붙입니다.
    # DockerSpawner로 바꾸면 모두가 같은 uid가 되어 서로의 제출을 읽을 수 있게 됩니다.
    c.JupyterHub.spawner_class = "dockerspawner.SystemUserSpawner"
    c.DockerSpawner.image = IMAGE
    c.DockerSpawner.volumes = {EXCHANGE: EXCHANGE}
    c.DockerSpawner.remove = True  # 끄면 컨테이너는 지웁니다. 학생의 파일은 홈 폴더에 있습니다
    c.Spawner.cmd = ["jupyterhub-singleuser"]
    c.Spawner.mem_limit = "2G"
    c.Spawner.cpu_limit = 1.0
    # 컨테이너가 허브를 찾아오는 주소. 도커의 기본 다리(docker0)입니다
    c.JupyterHub.hub_bind_url = os.environ.get("HUB_INTERNAL_URL", "http://172.17.0.1:8081")
else:
    # 프로세스 방식은 메모리를 막지 못합니다. 서로 믿는 작은 수업에서만 씁니다.
    c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
    found = shutil.which("jupyterhub-singleuser", path=str(Path(sys.executable).parent))
    c.Spawner.cmd = [found or "jupyterhub-singleuser"]
