"""도커 없이 진짜 Kafka를 띄웁니다(`make kafka`): Maven의 jar와 이 컴퓨터의 Java로.

브로커를 띄우고 끄는 것은 실습과 같은 `core.kafka`입니다. 받은 jar는 `.cache/kafka/libs`에, 적은
데이터는 `.cache/kafka/data`에, 브로커의 수마다 따로 있습니다.
"""
