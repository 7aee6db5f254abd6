"""`python -m ddialab.doctor`. 아주 낡은 Python도 읽을 수 있어야 낡았다고 말할 수 있습니다."""

import sys

READS = (3, 8)  # 다른 모듈들의 문법을 읽을 수 있는 버전


def main():
    if sys.version_info < READS:
        name = "Python {}.{}".format(*sys.version_info)
        print("문제  " + name + ": 너무 낡았습니다. 3.11 이상이어야 합니다")
        print("      → 새 Python을 설치하고 치세요: make lab PYTHON=/경로/python3.12")
        return 1
    from ddialab.doctor.examination import main as examine

    return examine()


if __name__ == "__main__":
    sys.exit(main())
