#include "fhir/base64.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope::fhir;

TEST_CASE("base64 is that of RFC 4648, without padding, in both alphabets, and is read back") {
    CHECK(encode_base64("", Base64::Standard).empty());
    CHECK(encode_base64("f", Base64::Standard) == "Zg");
    CHECK(encode_base64("fo", Base64::Standard) == "Zm8");
    CHECK(encode_base64("foobar", Base64::Standard) == "Zm9vYmFy");
    CHECK(encode_base64("\xfb\xff\xfe", Base64::Standard) == "+//+");
    CHECK(encode_base64("\xfb\xff\xfe", Base64::Url) == "-__-");
    for (const std::string_view text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"})
        CHECK(decode_base64(encode_base64(text, Base64::Url)) == text);
    CHECK(decode_base64("Zm8=") == "fo");
    CHECK_FALSE(decode_base64("Zm8*"));
}
