#include "inventory/base/digest.h"

#include <catch2/catch.hpp>
#include <random>

namespace drover {

TEST_CASE("SHA-256, HMAC-SHA1 and CRC-32 give the published values") {
  // FIPS 180-2 appendix B, RFC 2202 test case 2, the CRC catalogue's check value.
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(base64_encode(hmac_sha1("Jefe", "what do ya want for nothing?")) ==
        "7/zfauXrL6LSdBbV8YTfnCWafHk=");
  CHECK(crc32("123456789") == 0xCBF43926u);
  CHECK(crc32("") == 0u);
}

TEST_CASE("a key of HMAC-SHA1 that is taken in once gives the same hashes") {
  for (const size_t size : {0U, 1U, 20U, 63U, 64U, 65U, 200U}) {
    const std::string key(size, 'k');
    const HmacSha1Key prepared(key);
    for (const size_t length : {0U, 10U, 55U, 56U, 64U, 300U}) {
      const std::string data(length, 'd');
      const auto hash = prepared.of(data);
      CHECK((std::string(reinterpret_cast<const char*>(hash.data()), hash.size()) ==
             hmac_sha1(key, data)));
    }
  }
}

TEST_CASE("base64 of RFC 4648 in both directions") {
  struct Row {
    const char* data;
    const char* text;
  };
  for (const Row& row :
       {Row{"", ""}, Row{"f", "Zg=="}, Row{"fo", "Zm8="}, Row{"foo", "Zm9v"},
        Row{"foob", "Zm9vYg=="}, Row{"fooba", "Zm9vYmE="}, Row{"foobar", "Zm9vYmFy"}}) {
    CHECK(base64_encode(row.data) == row.text);
    CHECK(base64_decode(row.text).value() == std::string(row.data));
  }
  CHECK(base64_decode("Zm9v\n  YmFy\r\n").value() == std::string("foobar"));
}

TEST_CASE("base64 brings back any bytes") {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> byte(0, 255);
  std::string data;
  for (int size = 0; size < 70; ++size) {
    CHECK(base64_decode(base64_encode(data)).value() == data);
    data += static_cast<char>(byte(random));
  }
}

TEST_CASE("base64 is strict") {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Zm9v=", "Zm9vY", "Z=g=", "Zg==Zg==", "Zm-v",
                           "Zm9v*", "====", "=", "Zh==", "Zm9="}) {
    INFO(text);
    CHECK_FALSE(base64_decode(text));
  }
}

TEST_CASE("random_hex has the asked length and does not repeat itself") {
  CHECK(random_hex(0).empty());
  CHECK(random_hex(2).size() == 4);
  CHECK(random_hex(16) != random_hex(16));
  CHECK(random_hex(300).find_first_not_of("0123456789abcdef") == std::string::npos);
}

}  // namespace drover
