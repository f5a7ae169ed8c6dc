#pragma once
// What stands in the place of what names somebody: invented, and of the same form. The same text becomes the same
// invention under one key; without the key neither can be had from the other.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace fhirscope::deidentify {

class Invention {
public:
    // `key`: bytes of chance.
    explicit Invention(std::string key) : key_(std::move(key)) {}

    // Pronounceable words of about the same length: "Tavoren mulike sodar".
    std::string words(std::string_view text) const;
    // One of them, as a name has it.
    std::string name(std::string_view text) const;
    // Each digit another digit, each letter another letter of its case, the rest as it is but for what is not ASCII:
    // numbers of records and telephones, codes.
    std::string token(std::string_view text) const;
    // A number of JSON with other digits, and as many: it stays one, with its sign, point and exponent.
    std::string number(std::string_view json) const;
    // "c3f2a91b0": a name for a code or member that is in no list.
    std::string code(std::string_view text) const;
    // 0 to -364 days, the same for the same person.
    std::chrono::days shift_of(std::string_view person) const;
    // Of HMAC-SHA-256: from whatever is known of the texts and of what they became the key cannot be had.
    std::uint64_t hash(std::string_view purpose, std::string_view text) const;

private:
    std::string key_;
};

} // namespace fhirscope::deidentify
