"""빌드해 둔 브라우저 실습실(`make lite`)을 책에 넣고, 실습 페이지에 여는 버튼을 답니다.

실습실이 없거나 실습이 바뀐 뒤에 다시 빌드하지 않았으면 버튼도 없습니다. 끊긴 링크나 옛 실습을
보이지 않으려는 것입니다.
"""

import gzip
import re
import shutil
import sys
from pathlib import Path

from sphinx.util import logging

PUBLISH = Path(__file__).parents[1]
sys.path.insert(0, str(PUBLISH))

from lite.stamp import fresh  # noqa: E402  publish는 Sphinx가 모르는 폴더입니다

ROOT = PUBLISH.parent
SITE = ROOT / ".cache/lite/site"
SCREEN = (".js", ".css", ".json", ".html")  # 화면이 받는 것. 아이콘 글꼴은 받지 않습니다
log = logging.getLogger(__name__)


def megabytes(site: Path) -> str:
    """실습실이 처음에 받는 파이썬과 패키지의 크기(MB). 소수점 아래 한 자리까지 보여 줍니다."""
    manifest = (site / "pyodide/manifest.js").read_text("utf-8")
    sizes = re.findall(r'"size": (\d+)', manifest)
    return f"{sum(map(int, sizes)) / 1e6:.1f}"


def most_megabytes(site: Path) -> str:
    """처음 여는 사람이 받을 수 있는 가장 큰 양(MB): 파이썬과, 화면의 파일 모두를 압축한 것.

    화면은 필요한 조각만 받으므로 실제는 이보다 작습니다. 적게 말하는 것보다 낫습니다.
    """
    folders = [site / name for name in ("build", "extensions", "notebooks")]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in SCREEN]
    sizes = [len(gzip.compress(path.read_bytes(), 6)) for path in files]
    return f"{float(megabytes(site)) + sum(sizes) / 1e6:.1f}"


def on_config(app, config):
    if fresh(SITE, ROOT):
        config.playground_mb = megabytes(SITE)
        config.playground_most_mb = most_megabytes(SITE)
    elif SITE.exists():
        log.info("브라우저 실습실이 지금의 실습과 다릅니다. 다시 빌드하려면: make lite")


def fill_context(app, pagename, templatename, context, doctree):
    context["playground_mb"] = app.config.playground_mb
    context["playground_most_mb"] = app.config.playground_most_mb


def copy_site(app, exception):
    if exception or app.builder.format != "html":
        return
    target = Path(app.outdir, "lite")
    shutil.rmtree(target, ignore_errors=True)
    if app.config.playground_mb:
        shutil.copytree(SITE, target)


def setup(app):
    app.add_config_value("playground_mb", "", "html")
    app.add_config_value("playground_most_mb", "", "html")
    app.connect("config-inited", on_config)
    app.connect("html-page-context", fill_context)
    app.connect("build-finished", copy_site, priority=950)  # 글꼴을 추린 뒤에
    return {"parallel_read_safe": True, "parallel_write_safe": True}
