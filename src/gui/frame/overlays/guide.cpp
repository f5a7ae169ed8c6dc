#include "gui/frame/overlays/guide.hpp"

#include <algorithm>

namespace fhirscope::gui {

namespace {

using LineKind = GuideBlock::Kind;

constexpr float line_height = 19;
constexpr float indent_width = 16;
constexpr float cell_gap = 16;

std::string_view without_margin(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

constexpr char strong_mark = '\1';

// Strong words between strong_mark, emphasis without its *, of links the words only; what stands in backticks stays as it
// is.
std::string inline_text(std::string_view text) {
    std::string out;
    bool name = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '`') {
            name = !name;
        } else if (!name && text.substr(i, 2) == "**") {
            ++i;
            out += strong_mark;
            continue;
        } else if (!name && text[i] == '*' && text.size() > 1) {
            continue;
        } else if (!name && text[i] == '[') {
            const std::size_t close = text.find("](", i), end = text.find(')', close);
            if (close != std::string_view::npos && end != std::string_view::npos) {
                out += text.substr(i + 1, close - i - 1);
                i = end;
                continue;
            }
        }
        out += text[i];
    }
    return out;
}

std::vector<std::string> cells_of(std::string_view row) {
    std::vector<std::string> cells;
    row.remove_prefix(1); // the first |
    bool name = false;
    std::string cell;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row.substr(i, 2) == "\\|") {
            ++i; // the way to write one within a cell
            cell += '|';
            continue;
        }
        const char c = row[i];
        name = c == '`' ? !name : name;
        if (c == '|' && !name) {
            cells.push_back(inline_text(without_margin(cell)));
            cell.clear();
        } else {
            cell += c;
        }
    }
    return cells;
}

bool is_rule_row(std::string_view row) { return row.find_first_not_of("|-: ") == std::string_view::npos; }

struct Word {
    std::string text;
    GuideFace face = GuideFace::Words;
    bool space = false; // before it
};

std::vector<Word> words_of(std::string_view text, bool strong) {
    std::vector<Word> words;
    bool name = false, space = false;
    std::string word;
    const auto flush = [&] {
        if (!word.empty()) {
            words.push_back({std::move(word),
                             name     ? GuideFace::Name
                             : strong ? GuideFace::Strong
                                      : GuideFace::Words,
                             space});
            space = false;
        }
        word.clear();
    };
    for (const char c : text) {
        if (c == '`') {
            flush();
            name = !name;
        } else if (c == strong_mark) {
            flush();
            strong = !strong;
        } else if (c == ' ') {
            flush();
            space = true;
        } else {
            word += c;
        }
    }
    flush();
    return words;
}

class LayOut {
public:
    LayOut(float width, const GuideMeasure& measure) : width_(width), measure_(measure) {}

    void gap(float height) { y_ += height * measure_.unit; }
    // Wrapped between x and `right`; returns how many lines it took from `first_line` on.
    void words(std::size_t block, float x, float right, std::string_view text, float height, bool strong = false) {
        const float space = measure_.width(" ", GuideFace::Words);
        begin(block, height);
        float at = x;
        for (const Word& word : words_of(text, strong)) {
            const float w = measure_.width(word.text, word.face);
            const float before = word.space && at > x ? space : 0;
            if (at > x && at + before + w > right) {
                end();
                begin(block, height);
                at = x;
            } else {
                at += before;
            }
            lines.back().pieces.push_back({at, word.text, word.face});
            at += w;
        }
        end();
    }
    void code(float x, std::string text) { lines.back().pieces.push_back({x, std::move(text), GuideFace::Name}); }
    void begin(std::size_t block, float height) { lines.push_back({block, y_, height * measure_.unit, {}}); }
    void end() { y_ += lines.back().height; }
    float unit() const { return measure_.unit; }
    float width() const { return width_; }
    float measured(std::string_view text, bool strong) const {
        float w = 0;
        const float space = measure_.width(" ", GuideFace::Words);
        for (const Word& word : words_of(text, strong))
            w += measure_.width(word.text, word.face) + (word.space ? space : 0);
        return w;
    }
    // A table: the columns are as wide as they need to be, and the last one takes what is left.
    void table(const std::vector<GuideBlock>& blocks, std::size_t begin_row, std::size_t end_row) {
        std::vector<float> widths;
        for (std::size_t b = begin_row; b < end_row; ++b) {
            widths.resize(std::max(widths.size(), blocks[b].cells.size()));
            for (std::size_t i = 0; i < blocks[b].cells.size(); ++i)
                widths[i] = std::max(widths[i], measured(blocks[b].cells[i], blocks[b].head));
        }
        for (float& w : widths) w = std::min(w, width_ * 0.4F) + cell_gap * unit();
        for (std::size_t b = begin_row; b < end_row; ++b) {
            const float top = y_;
            float bottom = top;
            float x = 0;
            for (std::size_t i = 0; i < blocks[b].cells.size(); ++i) {
                y_ = top;
                const bool last = i + 1 == widths.size();
                words(b, x, last ? width_ : x + widths[i] - cell_gap * unit(), blocks[b].cells[i], line_height,
                      blocks[b].head);
                bottom = std::max(bottom, y_);
                x += widths[i];
            }
            y_ = bottom + 3 * unit();
        }
    }
    std::vector<GuideLine> lines;

private:
    float width_ = 0, y_ = 0;
    const GuideMeasure& measure_;
};

} // namespace

std::string plain_text(const GuideBlock& block) {
    std::string text = block.text;
    if (block.kind != LineKind::Code) std::erase_if(text, [](char c) { return c == '`' || c == strong_mark; });
    return text;
}

std::vector<GuideBlock> parse_guide(std::string_view markdown) {
    std::vector<GuideBlock> blocks;
    bool code = false, open = false, table = false; // open: the next line goes on with the paragraph or item
    while (!markdown.empty()) {
        const std::string_view whole = markdown.substr(0, markdown.find('\n'));
        markdown.remove_prefix(std::min(markdown.size(), whole.size() + 1));
        const std::string_view line = without_margin(whole);
        if (line.starts_with("```")) {
            code = !code;
            open = table = false;
            continue;
        }
        if (code) {
            blocks.push_back({LineKind::Code, 0, std::string(whole), {}, false});
            continue;
        }
        if (line.starts_with('|')) {
            if (!is_rule_row(line)) {
                GuideBlock row{LineKind::Row, 0, {}, cells_of(line), !table};
                for (const std::string& cell : row.cells) row.text += (row.text.empty() ? "" : " ") + cell;
                blocks.push_back(std::move(row));
            }
            table = true;
            open = false;
            continue;
        }
        table = false;
        const std::size_t hashes = std::min(line.find_first_not_of('#'), line.size());
        const std::size_t indent = std::min(whole.find_first_not_of(' '), whole.size());
        const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
        const bool bullet = line.starts_with("- "), numbered = digits > 0 && line.substr(digits).starts_with(". ");
        if (line.empty()) {
            open = false;
        } else if (hashes > 0 && hashes < line.size() && line[hashes] == ' ') {
            blocks.push_back({LineKind::Heading,
                              static_cast<int>(std::min<std::size_t>(hashes, 3)),
                              inline_text(line.substr(hashes + 1)),
                              {},
                              false});
            open = false;
        } else if (bullet || numbered) {
            const std::string mark = bullet ? "\u2022 " : std::string(line.substr(0, digits + 2));
            blocks.push_back({LineKind::Item,
                              static_cast<int>(indent / 2),
                              mark + inline_text(line.substr(bullet ? 2 : digits + 2)),
                              {},
                              false});
            open = true;
        } else if (open) {
            blocks.back().text += " " + inline_text(line);
        } else {
            blocks.push_back({LineKind::Paragraph, 0, inline_text(line), {}, false});
            open = true;
        }
    }
    return blocks;
}

std::vector<GuideLine> lay_out_guide(const std::vector<GuideBlock>& blocks, float width, const GuideMeasure& measure) {
    LayOut out(width, measure);
    const float unit = measure.unit;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const GuideBlock& block = blocks[i];
        const LineKind before = i > 0 ? blocks[i - 1].kind : LineKind::Heading;
        switch (block.kind) {
            case LineKind::Heading:
                out.gap(i == 0 ? 0 : block.level <= 2 ? 20 : 12);
                out.words(i, 0, width, block.text, line_height + 3, true);
                out.gap(4);
                break;
            case LineKind::Paragraph:
                out.gap(before == LineKind::Heading ? 0 : 8);
                out.words(i, 0, width, block.text, line_height);
                break;
            case LineKind::Item: {
                out.gap(before == LineKind::Item || before == LineKind::Heading ? 2 : 6);
                const float x = indent_width * unit * static_cast<float>(block.level);
                const std::size_t space = block.text.find(' ');
                const std::size_t first = out.lines.size();
                out.words(i, x + (indent_width + 4) * unit, width, std::string_view(block.text).substr(space + 1),
                          line_height);
                out.lines[first].pieces.insert(out.lines[first].pieces.begin(),
                                               {x + 4 * unit, block.text.substr(0, space)});
                break;
            }
            case LineKind::Code:
                out.gap(before == LineKind::Code ? 0 : 6);
                out.begin(i, line_height);
                out.code(indent_width * unit, block.text);
                out.end();
                break;
            case LineKind::Row: {
                std::size_t end = i + 1;
                while (end < blocks.size() && blocks[end].kind == LineKind::Row && !blocks[end].head) ++end;
                out.gap(8);
                out.table(blocks, i, end);
                i = end - 1;
                break;
            }
        }
    }
    return std::move(out.lines);
}

} // namespace fhirscope::gui
