"""브라우저에는 LZMA가 없습니다. `fastavro`가 import만 하고 사용하지 않으므로 이름만 둡니다."""


class LZMAError(Exception):
    """LZMA를 사용하려 했습니다."""


def _missing(*_, **__):
    raise LZMAError("브라우저 실습실에는 LZMA 압축이 없습니다. zlib이나 bz2를 사용하세요.")


compress = decompress = LZMAFile = LZMACompressor = LZMADecompressor = open = _missing
