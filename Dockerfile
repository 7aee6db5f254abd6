# 실습과 과제를 여는 이미지. 혼자 사용할 때도, JupyterHub에서 학생의 서버로도 사용합니다.
#   docker build -t ddialab .
#   docker run --rm -p 127.0.0.1:8888:8888 ddialab
# 글꼴은 패키지에 들어 있습니다. 과제의 모범 답안은 .dockerignore가 막아 들어가지 않습니다.
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap libseccomp2 make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 ddialab \
    && install -d -o ddialab -g ddialab /opt/ddialab
COPY assignments/hub/nbgrader_config.py /etc/jupyter/nbgrader_config.py

USER ddialab
WORKDIR /opt/ddialab
ENV PATH=/opt/ddialab/.venv/bin:$PATH \
    PYTHONUTF8=1

# 본문보다 드물게 바뀌는 의존성을 먼저 설치해 두면 다시 빌드할 때 건너뜁니다.
COPY --chown=ddialab:ddialab Makefile README.md pyproject.toml requirements.txt ./
COPY --chown=ddialab:ddialab src/ src/
COPY --chown=ddialab:ddialab publish/environment.py publish/
RUN make .venv/.ready && rm -rf .cache
COPY --chown=ddialab:ddialab assignments/hub/requirements.txt assignments/hub/
RUN python -m pip install --no-cache-dir -r assignments/hub/requirements.txt
COPY --chown=ddialab:ddialab . .

EXPOSE 8888
CMD ["python", "publish/lab.py", "--ip=0.0.0.0", "--port=8888", "--no-browser"]
