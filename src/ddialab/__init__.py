"""데이터 시스템을 일부러 고장 내 보는 실습 패키지.

계층마다 폴더 하나이고, 하위 계층만 import합니다:

    experiments             실습의 실험: 실습 하나에 이름이 같은 모듈이나 폴더 하나
    ops                     운영자의 도구: 복구, 배포, 스키마, 마이그레이션, 목표
    service                 게시글 서비스: 블록을 묶은 복합 데이터 시스템
    blocks                  데이터베이스, 캐시, 로그
    cluster                 가상 시계 위의 중복 클러스터
    stress                  부하와 결함과 클라이언트
    core                    시계와 난수, 사건 기록, 서버 찾기, 지표, 오류

곁에 있는 show는 그림, 슬라이더, 재생기입니다. Jupyter를 아는 것은 show뿐이고, 아무 층도 show를
import하지 않습니다. doctor는 이 컴퓨터를 진찰하는 명령입니다. 설치 전에도 실행되므로 이 파일은
표준 라이브러리만 import합니다.

import하면 matplotlib에 한글 글꼴을 알려 줍니다(`ddialab.typeface`).
"""

from ddialab import typeface

typeface.register_when_ready()
