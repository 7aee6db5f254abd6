"""참고문헌의 주소. 노트북에서는 [Ford 2010](../chapters/references.md#ref-ford2010)으로 가리킵니다.

`{cite}` 역할은 JupyterLab에서 날것으로 보입니다. 파일을 가리키는 링크는 양쪽에서 다 통하지만
MyST는 제목의 주소만 알므로, 문헌의 주소도 알려 줍니다.
"""


def register(app, env):
    for citation in env.get_domain("cite").citations:
        slugs = env.metadata[citation.bibliography_key.docname].setdefault("myst_slugs", {})
        slugs[citation.citation_id] = (0, citation.citation_id, citation.key)


def setup(app):
    app.setup_extension("sphinxcontrib.bibtex")
    app.connect("env-updated", register, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
