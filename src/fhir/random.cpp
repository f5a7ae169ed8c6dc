#include "fhir/random.hpp"

namespace fhirscope {

std::string Random::uuid() {
    static constexpr char digits[] = "0123456789abcdef";
    std::uint64_t words[2] = {next(), next()};
    words[0] = (words[0] & ~0xf000ULL) | 0x4000ULL;                        // version 4
    words[1] = (words[1] & 0x3fffffffffffffffULL) | 0x8000000000000000ULL; // variant 1
    std::string text;
    text.reserve(36);
    for (int i = 0; i < 32; ++i) {
        if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
        text += digits[(words[i / 16] >> (60 - 4 * (i % 16))) & 0xf];
    }
    return text;
}

} // namespace fhirscope
