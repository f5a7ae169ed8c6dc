// Names in scripts that the faces of the guide lack.

#include "fhir/utf8.hpp"
#include "files/regular_file.hpp"
#include "gui/ui/draw.hpp"
#include "gui/window/looks.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

using namespace fhirscope;
using namespace fhirscope::gui;

TEST_CASE("characters that the faces lack come from other fonts of the system, when they are first drawn", "[looks]") {
    ImGuiContext* context = ImGui::CreateContext();
    Notices notices;
    int asked = 0;
    Looks looks(tests::assets, font_folders(), [&](char32_t character) {
        ++asked;
        return find_system_font(character);
    });
    looks.use(false, 1, notices);
    const auto draw = [&](std::string_view text) {
        ImGui::GetIO().Fonts->Build();
        ImDrawList list(ImGui::GetDrawListSharedData());
        list._ResetForNewFrame();
        list.PushClipRect({0, 0}, {1'000, 1'000});
        list.PushTextureID(nullptr);
        const Painter p(list, looks.theme());
        p.put(p.f().body, 0, 0, 20, p.c().t1, text);
    };
    const auto can_show = [&](char32_t character) {
        ImGui::GetIO().Fonts->Build();
        const Fonts& f = looks.theme().f;
        return std::ranges::all_of(std::array{f.body, f.bold, f.mono, f.axis}, [&](const ImFont* font) {
            return font->FindGlyphNoFallback(static_cast<ImWchar>(character)) != nullptr;
        });
    };
    const char32_t armenian = U'Ա', neighbour = U'Բ', of_nobody = 0x1FFFE;
    draw("Müller Иванов Παπαδόπουλος");
    CHECK_FALSE(looks.lacks_glyphs());
    CHECK_FALSE(can_show(armenian));
    draw("Արամ");
    CHECK(looks.lacks_glyphs());
    CHECK(looks.use(false, 1, notices)); // so the texture is made anew
    CHECK(can_show(armenian));
    CHECK(can_show(neighbour)); // its block
    CHECK(asked == 1);
    CHECK_FALSE(looks.lacks_glyphs());
    draw("Արամ");
    CHECK_FALSE(looks.lacks_glyphs());
    CHECK(notices.empty());

    // What no font has is told once, and not asked for again.
    std::string text;
    fhir::append_utf8(text, of_nobody);
    draw(text);
    looks.use(false, 1, notices);
    draw(text);
    CHECK_FALSE(looks.lacks_glyphs()); // or it would be drawn again and again
    CHECK_FALSE(looks.use(false, 1, notices));
    CHECK(asked == 2);
    REQUIRE(notices.size() == 1);
    notices.dismiss_key("glyphs");
    looks.use(false, 1, notices);
    CHECK(notices.empty());

    // Many at once keep no frame waiting.
    text.clear();
    for (std::uint32_t i = 0; i < 100; ++i) fhir::append_utf8(text, 0x50000 + i); // nothing is there
    draw(text);
    int frames = 0;
    for (; looks.lacks_glyphs(); ++frames) {
        const int before = asked;
        looks.use(false, 1, notices);
        CHECK(asked - before <= 16);
    }
    CHECK(frames > 1);
    CHECK(asked == 102);
    ImGui::DestroyContext(context);
}

TEST_CASE("a font file that is cut off is not read", "[looks]") {
    const auto file = find_system_font(U'Ա');
    REQUIRE(file);
    const auto text = files::read_whole(file->path, 64u << 20);
    REQUIRE(text);
    std::vector<unsigned char> bytes(text->begin(), text->end());
    CHECK(is_whole_font(bytes, file->index));
    for (const std::size_t size : {std::size_t{0}, std::size_t{11}, std::size_t{200}, bytes.size() - 1}) {
        INFO(size);
        CHECK_FALSE(is_whole_font({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}, file->index));
    }
}
