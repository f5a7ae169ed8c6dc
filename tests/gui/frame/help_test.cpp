// The guide: its Markdown, its lines, and the sheet that shows it.
#include "gui/frame/actions/actions.hpp"
#include "gui/frame/overlays/guide.hpp"
#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Synthetic;
using fhirscope::tests::WindowDriver;
using Kind = GuideBlock::Kind;

namespace {

const GuideMeasure even{[](std::string_view text, GuideFace) { return static_cast<float>(text.size()) * 7; }, 1};

std::string text_of_line(const GuideLine& line) {
    std::string text;
    for (const GuidePiece& piece : line.pieces) text += (text.empty() ? "" : " ") + piece.text;
    return text;
}

} // namespace

TEST_CASE("the guide's Markdown is read: headings, paragraphs, lists, code, tables") {
    const auto blocks = parse_guide(
        "# One\n\nA **bold** and *soft* line\nthat goes on, see [here](a.md).\n\n- first\n  and on\n  - inner `a*b`\n"
        "2. second\n```\n  code | as it is\n```\n| a | b |\n|---|---|\n| `x \\| y` | two |\n## Two\n");
    REQUIRE(blocks.size() == 9);
    CHECK(blocks[0].kind == Kind::Heading);
    CHECK(blocks[0].level == 1);
    CHECK(plain_text(blocks[1]) == "A bold and soft line that goes on, see here.");
    CHECK(blocks[2].text == "\u2022 first and on");
    CHECK(blocks[3].level == 1);
    CHECK(blocks[3].text == "\u2022 inner `a*b`");
    CHECK(blocks[4].text == "2. second");
    CHECK(blocks[5].kind == Kind::Code);
    CHECK(blocks[5].text == "  code | as it is");
    CHECK(blocks[6].head);
    CHECK(blocks[7].cells == std::vector<std::string>{"`x | y`", "two"});
    CHECK_FALSE(blocks[7].head);
    CHECK(blocks[8].kind == Kind::Heading);
}

TEST_CASE("the guide is broken into lines that keep every word and stay within the width") {
    const auto blocks =
        parse_guide("Words and `names` that take more than one line of this width.\n\n- an item that is long, too");
    const auto lines = lay_out_guide(blocks, 200, even);
    REQUIRE(lines.size() > 3);
    std::string all;
    float y = -1;
    for (const GuideLine& line : lines) {
        CHECK(line.y > y);
        y = line.y;
        all += text_of_line(line) + " ";
        for (const GuidePiece& piece : line.pieces) CHECK(piece.x + even.width(piece.text, piece.face) <= 200);
    }
    CHECK(all == "Words and names that take more than one line of this width. \u2022 an item that is long, too ");
    const auto is_name = [](const GuidePiece& piece) { return piece.face == GuideFace::Name; };
    CHECK(std::count_if(lines[0].pieces.begin(), lines[0].pieces.end(), is_name) == 1);
}

TEST_CASE("a table's columns begin at the same place in every row") {
    const auto lines = lay_out_guide(parse_guide("| a | b |\n|-|-|\n| longer | c |\n"), 600, even);
    std::vector<float> seconds;
    for (const GuideLine& line : lines)
        for (const GuidePiece& piece : line.pieces)
            if (piece.text == "b" || piece.text == "c") seconds.push_back(piece.x);
    REQUIRE(seconds.size() == 2);
    CHECK(seconds[0] == seconds[1]);
    CHECK(seconds[0] > 6 * 7);
}

TEST_CASE("the guide that was built in has its walks and every key that it names") {
    const std::string_view guide = guide_text();
    for (const std::string_view walk : {"a stale Task, and why", "stage by stage", "two sides of a conflict", "a moment that is over"})
        CHECK(guide.find(walk) != std::string_view::npos);
    for (const std::string_view command : {"Compare everything with the server", "Decide conflicts by default"}) {
        CHECK(guide.find(command) != std::string_view::npos);
        const auto actions = all_actions();
        CHECK(std::any_of(actions.begin(), actions.end(),
                          [&](const Action& action) { return action.title.starts_with(command); }));
    }
}

TEST_CASE("F1 opens the guide, a search goes from place to place, Esc closes it") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_F1);
    REQUIRE(window.has("help/text"));
    CHECK(window.has("help/contents/The views"));
    window.type("heartbeat");
    const auto found = [&] {
        for (const auto& [name, rect] : window.targets)
            if (name.starts_with("help/found/")) return name.substr(11);
        return std::string();
    };
    const std::string first = found();
    CHECK(first.starts_with("1 of "));
    window.key(ImGuiKey_Enter);
    CHECK(found().starts_with("2 of "));
    window.type("xyzzy");
    CHECK(found() == "nothing");
    window.key(ImGuiKey_Escape);
    CHECK_FALSE(window.has("help/text"));
}

TEST_CASE("the page of keys is the command table, and its search finds by words and by keys") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_F1);
    window.click("help/page/keys");
    CHECK(window.has("help/key/view-log"));
    window.click("help/search");
    window.type("ctrl k");
    CHECK(window.has("help/key/palette"));
    CHECK_FALSE(window.has("help/key/view-log"));
}

TEST_CASE("while the guide is open, its letters are no commands") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_F1);
    window.click("help/text"); // the search field loses the keyboard
    window.key(ImGuiKey_Space);
    CHECK_FALSE(window.shell.ui().paused);
    CHECK(window.has("help/text"));
}
