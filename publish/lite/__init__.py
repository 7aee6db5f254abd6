"""브라우저 실습실: 서버 없이 브라우저에서 여는 JupyterLite를 `.cache/lite/site`에 빌드합니다.

`__main__`이 차례를 정하고, 나머지는 한 가지씩 맡습니다.

    npm         npm 패키지(Pyodide, NumPy, sql.js)를 받아 해시를 확인합니다
    wheels      잠근 의존성을 브라우저용 휠로 다시 묶습니다
    lock        Pyodide가 읽을 패키지 목록을 씁니다
    runtime     위의 것들로 Pyodide의 폴더를 만듭니다
    handouts    과제의 배포본을 만듭니다
    releases    노트북마다 도장을 찍습니다. 독자가 저장한 것이 낡았는지 가립니다
    app         JupyterLite를 빌드하고 페이지를 다듬습니다
    stamp       빌드한 실습실이 지금의 실습과 같은지 봅니다
"""
