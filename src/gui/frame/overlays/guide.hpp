#pragma once
// The user guide inside the program: docs/guide.md, read as the little Markdown that it is written in, and broken into
// lines for a width. Pure functions.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

// The text of docs/guide.md, taken in when the program was built.
std::string_view guide_text();

struct GuideBlock {
    enum class Kind { Heading, Paragraph, Item, Code, Row } kind = Kind::Paragraph;
    int level = 0;                  // of a heading (1 … 3); of an item, how deep
    std::string text;               // names between ` and strong words between \1; of a row, its cells
    std::vector<std::string> cells; // of a table's row
    bool head = false;              // the first row of its table
};

// Its words alone, as a search looks for them.
std::string plain_text(const GuideBlock& block);

// Headings, paragraphs, lists, code and tables; anything else is a paragraph. Links keep their words only.
std::vector<GuideBlock> parse_guide(std::string_view markdown);

enum class GuideFace { Words, Strong, Name }; // name: what stood between backticks, and code

struct GuidePiece {
    float x = 0;
    std::string text;
    GuideFace face = GuideFace::Words;
};

struct GuideLine {
    std::size_t block = 0;
    float y = 0, height = 0;
    std::vector<GuidePiece> pieces;
};

struct GuideMeasure {
    std::function<float(std::string_view text, GuideFace face)> width;
    float unit = 1; // pixels of a pixel at scale 1
};

std::vector<GuideLine> lay_out_guide(const std::vector<GuideBlock>& blocks, float width, const GuideMeasure& measure);

} // namespace fhirscope::gui
