"""Java로 도는 진짜 서버들(`make opensearch`, `make kafka`)이 함께 쓰는 것.

jar를 고정한 대로 받고, 데이터의 폴더를 혼자 쓰고, 어디까지 되었는지 말합니다.
"""
