#include "gui/window/screen_text.hpp"

#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Synthetic;
using fhirscope::tests::WindowDriver;

namespace {

std::vector<ScreenText> read(const WindowDriver&) { return screen_text(*ImGui::GetDrawData(), *ImGui::GetIO().Fonts); }

const ScreenText* find(const std::vector<ScreenText>& texts, std::string_view text) {
    const auto at = std::find_if(texts.begin(), texts.end(), [&](const ScreenText& one) { return one.text == text; });
    return at == texts.end() ? nullptr : &*at;
}

} // namespace

TEST_CASE("what is drawn can be read, where it stands", "[screen]") {
    Synthetic data;
    WindowDriver window(data.publish());
    const auto texts = read(window);
    const ScreenText* log = find(texts, "Log");
    REQUIRE(log != nullptr);
    const Rect rail = window.rect("rail/log");
    CHECK(rail.contains({log->rect.x, log->rect.y}));
    CHECK(rail.contains({log->rect.right(), log->rect.bottom()}));
    CHECK(find(texts, "Find or run") != nullptr);
}

TEST_CASE("what is covered is not read, and what is typed is", "[screen]") {
    Synthetic data;
    WindowDriver window(data.publish());
    const auto before = read(window);
    window.key(ImGuiKey_K, true);
    const auto texts = read(window);
    const auto covered = std::count_if(before.begin(), before.end(), [&](const ScreenText& one) {
        return std::none_of(texts.begin(), texts.end(), [&](const ScreenText& other) {
            return other.text == one.text && other.rect.x == one.rect.x && other.rect.y == one.rect.y;
        });
    });
    CHECK(covered > 20); // the list lies over rows
    CHECK(find(texts, "Log") != nullptr);
    window.type("qqq zzz");
    CHECK(find(read(window), "qqq zzz") != nullptr);
}
