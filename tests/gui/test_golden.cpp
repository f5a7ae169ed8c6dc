// The window against pictures of it that somebody has looked at (tests/gui/golden). Made anew with
// FHIRSCOPE_GOLDEN=write; where fonts or the graphics driver draw otherwise, small differences are allowed for.

#include "pictures.hpp"
#include "support/paths.hpp"
#include "support/synthetic_conflicts.hpp"

#include <catch2/catch_test_macros.hpp>

#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#include <stb_image.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Pictures;
using fhirscope::tests::Synthetic;

namespace {

// Edges of letters are drawn differently by another version of the driver; a line that has moved is more than this.
constexpr int channel_tolerance = 40;
constexpr double pixel_tolerance = 0.01; // share of pixels that may differ by more

struct Image {
    int width = 0, height = 0;
    std::unique_ptr<stbi_uc, void (*)(void*)> pixels{nullptr, stbi_image_free};
};

Image read(const std::filesystem::path& file) {
    Image image;
    int channels = 0;
    image.pixels.reset(stbi_load(file.string().c_str(), &image.width, &image.height, &channels, 3));
    return image;
}

double share_that_differs(const Image& one, const Image& other) {
    const std::size_t count = static_cast<std::size_t>(one.width) * static_cast<std::size_t>(one.height);
    std::size_t differ = 0;
    for (std::size_t i = 0; i < count; ++i) {
        bool same = true;
        for (std::size_t c = 0; c < 3; ++c) {
            const int a = one.pixels.get()[3 * i + c], b = other.pixels.get()[3 * i + c];
            same = same && std::abs(a - b) <= channel_tolerance;
        }
        differ += same ? 0 : 1;
    }
    return static_cast<double>(differ) / static_cast<double>(count);
}

void compare(Pictures& pictures, const std::string& name, const engine::SnapshotPtr& snapshot, bool light,
             const std::function<void(UiState&)>& prepare) {
    const auto golden = std::filesystem::path(tests::golden_pictures) / (name + ".png");
    const auto drawn = std::filesystem::path(tests::output) / ("golden-" + name + ".png");
    pictures.save(snapshot, light, prepare, drawn);
    if (const char* mode = std::getenv("FHIRSCOPE_GOLDEN"); mode != nullptr && std::strcmp(mode, "write") == 0) {
        std::filesystem::copy_file(drawn, golden, std::filesystem::copy_options::overwrite_existing);
    }
    const Image was = read(golden), is = read(drawn);
    INFO("compare " << golden << " with " << drawn);
    REQUIRE(was.pixels);
    REQUIRE(is.pixels);
    REQUIRE(was.width == is.width);
    REQUIRE(was.height == is.height);
    CHECK(share_that_differs(was, is) <= pixel_tolerance);
}

} // namespace

TEST_CASE("the window looks as it did when somebody looked at it", "[display]") {
    Synthetic data;
    const engine::SnapshotPtr snapshot = tests::publish_with_conflicts(data);
    {
        const auto large = Pictures::open(1440, 900);
        if (!large) {
            SKIP("there is no display; run under Xvfb");
        }
        compare(*large, "panels-dark", snapshot, false, [&](UiState& ui) {
            ui.selection = {Selection::Kind::resource, data.task_reference(0), 0};
        });
        compare(*large, "conflicts-light", snapshot, true, [](UiState& ui) {
            ui.view = ViewId::conflicts;
            ui.selection = {Selection::Kind::conflict, {}, tests::SyntheticConflicts::edited};
            ui.tab = InspectorTab::history;
        });
        // The comparison can fail: another view is another picture.
        const auto other = std::filesystem::path(tests::output) / "golden-other.png";
        large->save(
            snapshot, false, [](UiState& ui) { ui.view = ViewId::connections; }, other);
        const Image panels = read(std::filesystem::path(tests::output) / "golden-panels-dark.png"), rest = read(other);
        CHECK(share_that_differs(panels, rest) > pixel_tolerance);
    }
    const auto small = Pictures::open(800, 600);
    REQUIRE(small);
    compare(*small, "log-dark-small", snapshot, false, [](UiState& ui) { ui.view = ViewId::log; });
}
