#pragma once
// A text as it came, and as it reads when its escapes are undone, again and again: JSON's (\/ and \u0041), of addresses
// (%2F), of HTML (&#47;). What is found in any of these readings can be named in the text as it came.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::session {

struct TextRange {
    std::size_t begin = 0, end = 0;
};

// The text must outlive it.
class TextLayers {
public:
    static constexpr std::size_t most_layers = 6; // nobody reads what was escaped more often

    explicit TextLayers(std::string_view text);

    std::size_t size() const { return layers_.size() + 1; }
    std::string_view text(std::size_t layer) const { return layer == 0 ? raw_ : layers_[layer - 1].text; }
    // Where a part of a layer stands in the text as it came; of what an escape stands for, the whole escape.
    TextRange in_raw(std::size_t layer, TextRange range) const;
    // Whether the byte is what an escape of the layer below stands for.
    bool is_escaped(std::size_t layer, std::size_t at) const;

private:
    struct Escape {
        std::uint32_t begin = 0; // of what it stands for
        std::uint32_t from = 0;  // of itself, in the layer below
        std::uint8_t size = 0, from_size = 0;
    };
    struct Layer {
        std::string text;
        std::vector<Escape> escapes;
        const Escape* escape_before(std::size_t at) const; // that begins at `at` or earlier; null: none
    };
    static Layer undo(std::string_view text);

    std::string_view raw_;
    std::vector<Layer> layers_;
};

} // namespace fhirscope::session
