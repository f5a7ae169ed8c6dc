#pragma once
// Finds known values in texts, however many there are, in one pass: the text is looked at in pieces of eight bytes, and
// nearly all of them are told apart from pieces of the values by one bit.

#include "session/text_layers.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fhirscope::session {

// Found: the value, in upper or lower case; its base64 at any place in an encoded text, as in Basic credentials; and
// what is left of either where it was cut short, as long as it is half of it and twelve characters.
class SecretIndex {
public:
    static constexpr std::size_t min_size = 8; // shorter values would match ordinary words
    static constexpr std::size_t max_size = 64u << 10;

    SecretIndex();
    ~SecretIndex(); // wipes the values
    SecretIndex(SecretIndex&&) noexcept = default;
    SecretIndex& operator=(SecretIndex&&) = delete;

    // A value of min_size to max_size bytes; `id` is what find() calls it.
    void add(std::string_view value, std::uint32_t id);

    using Found = std::function<void(TextRange, std::uint32_t id)>;
    // False: the text was made to be slow to search, and was not searched to its end.
    bool find(std::string_view text, const Found& found) const;

private:
    struct Needle {
        std::string text; // in lower case
        std::size_t required = 0;
        std::uint32_t id = 0;
        bool is_base64 = false;
    };
    struct Place {
        std::uint32_t needle = 0, offset = 0;
    };
    struct Search;

    void add_needle(std::string_view text, std::uint32_t id, bool is_base64);
    void add_base64(std::string_view value, std::uint32_t id);
    void add_piece(std::uint64_t piece, Place place);
    std::size_t bit_of(std::uint64_t piece) const { return piece * 0x9E3779B97F4A7C15u >> shift_; }
    bool may_have(std::uint64_t piece) const {
        const std::size_t bit = bit_of(piece);
        return (bits_[bit / 64] >> bit % 64 & 1) != 0;
    }
    void set_bit(std::uint64_t piece);

    std::vector<Needle> needles_;
    std::unordered_multimap<std::uint64_t, Place> places_; // of pieces of needles
    std::vector<std::uint64_t> bits_;
    unsigned shift_ = 0;
    std::size_t stride_ = 4; // of the pieces of a text
};

} // namespace fhirscope::session
