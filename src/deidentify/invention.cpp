#include "deidentify/invention.hpp"

#include "engine/engine.hpp"
#include "fhir/ascii.hpp"
#include "fhir/assert.hpp"
#include "fhir/random.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace fhirscope::deidentify {

namespace {

constexpr std::string_view consonants = "bdfghjklmnprstvwz", vowels = "aeiou";

// Lengths are told apart coarsely: the length of a name can be told by.
std::size_t length_class(std::size_t size) {
    const std::size_t step = size <= 64 ? 8 : 64;
    return std::max<std::size_t>((size + step - 1) / step * step, step);
}

std::string syllables(Random& random, std::size_t size) {
    std::string out;
    while (out.size() < size) {
        out += consonants[random.below(consonants.size())];
        out += vowels[random.below(vowels.size())];
    }
    out.resize(size);
    return out;
}

char upper(char c) { return static_cast<char>(c - 'a' + 'A'); }

} // namespace

std::uint64_t Invention::hash(std::string_view purpose, std::string_view text) const {
    std::string told(purpose);
    told += '\0';
    told += text;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const auto* made = HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
                            reinterpret_cast<const unsigned char*>(told.data()), told.size(), digest.data(), &size);
    FHIRSCOPE_ASSERT(made && size >= sizeof(std::uint64_t));
    std::uint64_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
}

std::string Invention::words(std::string_view text) const {
    Random random(hash("words", text));
    const std::size_t size = length_class(text.size());
    std::string out;
    out.reserve(size);
    while (out.size() < size) {
        const std::size_t left = size - out.size();
        const std::size_t wanted = 4 + random.below(7);
        // What would be left beside the next word is too short for one of its own.
        out += syllables(random, left < wanted + 4 ? left : wanted);
        if (out.size() < size) out += ' ';
    }
    out[0] = upper(out[0]);
    return out;
}

std::string Invention::name(std::string_view text) const {
    Random random(hash("name", text));
    std::string out = syllables(random, 8);
    out[0] = upper(out[0]);
    return out;
}

std::string Invention::token(std::string_view text) const {
    Random random(hash("token", text));
    std::string out;
    for (const char c : text)
        if (fhir::is_digit(c))
            out += static_cast<char>('0' + random.below(10));
        else if (fhir::is_letter(c))
            out += static_cast<char>((c >= 'a' ? 'a' : 'A') + random.below(26));
        else if (static_cast<unsigned char>(c) >= 0x80)
            out += static_cast<char>('a' + random.below(26));
        else
            out += c;
    return out;
}

std::string Invention::number(std::string_view json) const {
    Random random(hash("number", json));
    std::string out;
    bool in_exponent = false;
    for (const char c : json) {
        in_exponent |= c == 'e' || c == 'E';
        // No zero, so that none comes to lead.
        out += fhir::is_digit(c) && !in_exponent ? static_cast<char>('1' + random.below(9)) : c;
    }
    return out;
}

std::string Invention::code(std::string_view text) const {
    return "c" + engine::hash_text(hash("code", text)).substr(4);
}

std::chrono::days Invention::shift_of(std::string_view person) const {
    return std::chrono::days(-static_cast<int>(hash("shift", person) % 365));
}

} // namespace fhirscope::deidentify
