"""Encodings, compression and hashes."""

from __future__ import annotations

from typing import Final

from huntlens.kql.functions.row import Function, special


def _python(
    name: str,
    signature: str,
    returns: str,
    doc: str,
    example: str,
    value: str,
    *,
    of: str = "",
    category: str = "encoding",
) -> Function:
    lower = special("python", of or name, returns)
    return Function(
        name, signature, returns, doc, example, value, lower, lower, category=category, deprecated=of, hidden=bool(of)
    )


def _digest(name: str, doc: str, value: str, duckdb: str, spark: str) -> Function:
    lower = {"duckdb": special("digest", duckdb), "spark": special("digest", spark)}
    return Function(name, "source: scalar", "string", doc, f"{name}('World')", value, lower["duckdb"], lower["spark"],
                    category="hashes")  # fmt: skip


_DECODE: Final = Function(
    "base64_decode_tostring", "base64_string: string", "string", "The text that Base64 encodes; empty if it is none.",
    "base64_decode_tostring('S3VzdG8=')", "Kusto", special("python", "base64_decode_tostring", "string"),
    special("python", "base64_decode_tostring", "string"), category="encoding",
)  # fmt: skip
_ENCODE: Final = Function(
    "base64_encode_tostring", "string: string", "string", "The text in Base64.", "base64_encode_tostring('Kusto')",
    "S3VzdG8=", "to_base64(encode({string!}))", "base64({string!})", category="encoding",
)  # fmt: skip

ROWS: Final = (
    _python("url_encode", "url: string", "string", "The text encoded for URLs, blanks as plus.", "url_encode('a b&c')",
            "a+b%26c"),
    _python("url_encode_component", "url: string", "string", "The text encoded for URLs, blanks as %20.",
            "url_encode_component('a b&c')", "a%20b%26c"),
    _python("url_decode", "encoded_url: string", "string", "The text that URL encoding stands for.",
            "url_decode('https%3a%2f%2fexample%20x')", "https://example x"),
    _ENCODE, _DECODE,
    Function("base64_encodestring", _ENCODE.signature, "string", _ENCODE.doc, "base64_encodestring('Kusto')",
             "S3VzdG8=",
             _ENCODE.duckdb, _ENCODE.spark, category="encoding", deprecated="base64_encode_tostring", hidden=True),
    Function("base64_decodestring", _DECODE.signature, "string", _DECODE.doc, "base64_decodestring('S3VzdG8=')",
             "Kusto",
             _DECODE.duckdb, _DECODE.spark, category="encoding", deprecated="base64_decode_tostring", hidden=True),
    _python("base64_decode_toarray", "base64_string: string", "dynamic", "The bytes that Base64 encodes, as numbers.",
            "base64_decode_toarray('S3U=')", "[75,117]"),
    _python("base64_encode_fromarray", "base64_string_decoded_as_array: dynamic", "string",
            "Bytes, given as numbers, in Base64.", "base64_encode_fromarray(dynamic([75, 117]))", "S3U="),
    _python("base64_decode_toguid", "base64_string: string", "guid", "The guid that Base64 encodes.",
            "base64_decode_toguid('mmW5gUMrDEmiFDKv9bvNYQ==')", "81b9659a-2b43-490c-a214-32aff5bbcd61"),
    _python("base64_encode_fromguid", "guid: guid", "string", "The guid in Base64.",
            "base64_encode_fromguid(toguid('81b9659a-2b43-490c-a214-32aff5bbcd61'))", "mmW5gUMrDEmiFDKv9bvNYQ=="),
    _python("zlib_compress_to_base64_string", "string: string", "string", "The text compressed by zlib, in Base64.",
            "zlib_decompress_from_base64_string(zlib_compress_to_base64_string('abc'))", "abc"),
    _python("zlib_decompress_from_base64_string", "string: string", "string",
            "The text that zlib and Base64 hold; empty if they hold none.",
            "zlib_decompress_from_base64_string('eJwLSS0uUSguKcrMS1cwNDIGACxqBQ4=')", "Test string 123"),
    _python("gzip_compress_to_base64_string", "string: string", "string", "The text compressed by gzip, in Base64.",
            "gzip_decompress_from_base64_string(gzip_compress_to_base64_string('abc'))", "abc"),
    _python("gzip_decompress_from_base64_string", "string: string", "string",
            "The text that gzip and Base64 hold; empty if they hold none.", "gzip_decompress_from_base64_string('x')",
            ""),
    _digest("hash_md5", "The MD5 of the value, in hexadecimal.", "f5a7924e621e84c9280a9a27e1bcb7f6", "md5", "md5"),
    _digest("hash_sha1", "The SHA-1 of the value, in hexadecimal.", "70c07ec18ef89c5309bbb0937f3a6342411e1fdd", "sha1",
            "sha1"),
    _digest("hash_sha256", "The SHA-256 of the value, in hexadecimal.",
            "78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524", "sha256", "sha2_256"),
    Function("hash", "source: scalar, mod?: integer", "long",
             "A number that stands for the value: its xxHash, with a modulo.",
             "hash('World', 100)", "51", special("xxhash"), special("xxhash"), category="hashes"),
    Function("hash_xxhash64", "source: scalar, mod?: integer", "long", "The 64-bit xxHash of the value, with a modulo.",
             "hash_xxhash64('World')", "1846988464401551951", special("xxhash"), special("xxhash"), category="hashes"),
    _python("hash_combine", "...hash: long", "long", "One hash of several.", "hash_combine(1, 2) == hash_combine(1, 2)",
            "True", category="hashes"),
    Function("hash_many", "...source: scalar", "long", "One hash of several values.",
             "hash_many('a', 'b') == hash_many('a', 'b')", "True", special("hash_many"), special("hash_many"),
             category="hashes"),
    Function("new_guid", "", "guid", "A random guid.", "strlen(tostring(new_guid()))", "36", "CAST(uuid() AS VARCHAR)",
             "uuid()", category="encoding"),
)  # fmt: skip
