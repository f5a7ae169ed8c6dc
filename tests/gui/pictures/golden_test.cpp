// The window against pictures of it that somebody has looked at (tests/gui/golden): every view, in both themes. Made
// anew with FHIRSCOPE_GOLDEN=write, and looked at then; where fonts or the graphics driver draw letters otherwise, that
// is allowed for, and a bar, a button, a row or a label that is missing is not.

#include "gui/inspector/incident.hpp"
#include "gui/views/diagnosis/episode_pane.hpp"
#include "gui/views/diagnosis/incident_table.hpp"
#include "pictures/pictures.hpp"
#include "pictures/walked_clinic.hpp"
#include "support/full_incident.hpp"
#include "support/paths.hpp"
#include "support/synthetic_conflicts.hpp"

#include <catch2/catch_test_macros.hpp>

#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#include <stb_image.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Pictures;
using fhirscope::tests::Synthetic;

namespace {

using Color = std::array<int, 3>;

// Most of a dark window is its ground, so pictures are compared in tiles, and in each what is drawn on its ground.
constexpr int tile = 24;             // pixels
constexpr int ink_apart = 40;        // of a channel: from the ground, what stands on it
constexpr int ground_apart = 2;      // fills are exact
constexpr int least_ink = 16;        // pixels; less is the edge of something in the next tile
constexpr double least_ground = 0.1; // share of the tile that its ground must still have

struct Image {
    int width = 0, height = 0;
    std::unique_ptr<stbi_uc, void (*)(void*)> pixels{nullptr, stbi_image_free};
    stbi_uc* at(int x, int y) const { return pixels.get() + 3 * (static_cast<std::ptrdiff_t>(y) * width + x); }
    Color color(int x, int y) const { return {at(x, y)[0], at(x, y)[1], at(x, y)[2]}; }
};

Image read(const std::filesystem::path& file) {
    Image image;
    int channels = 0;
    image.pixels.reset(stbi_load(file.string().c_str(), &image.width, &image.height, &channels, 3));
    return image;
}

int apart(const Color& a, const Color& b) {
    return std::max({std::abs(a[0] - b[0]), std::abs(a[1] - b[1]), std::abs(a[2] - b[2])});
}

struct Tile {
    int x0, y0, x1, y1;
    int area() const { return (x1 - x0) * (y1 - y0); }
    template <class Each>
    void each(const Each& call) const {
        for (int y = y0; y < y1; ++y)
            for (int x = x0; x < x1; ++x) call(x, y);
    }
};

Color ground_of(const Image& image, const Tile& of) {
    std::map<Color, int> counts;
    of.each([&](int x, int y) { ++counts[image.color(x, y)]; });
    return std::max_element(counts.begin(), counts.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
}

// Something of `one` is not in `other`.
bool lacks(const Image& one, const Image& other, const Tile& of) {
    const Color ground = ground_of(one, of);
    int ink = 0, lost = 0, same_ground = 0;
    of.each([&](int x, int y) {
        const Color there = other.color(x, y);
        same_ground += apart(there, ground) <= ground_apart ? 1 : 0;
        if (apart(one.color(x, y), ground) <= ink_apart) return;
        ++ink;
        lost += apart(there, ground) <= ink_apart ? 1 : 0;
    });
    return same_ground < least_ground * of.area() || (ink >= least_ink && 2 * lost > ink);
}

bool are_equal(const Image& one, const Image& other, const Tile& of) {
    for (int y = of.y0; y < of.y1; ++y)
        if (std::memcmp(one.at(of.x0, y), other.at(of.x0, y), 3 * static_cast<std::size_t>(of.x1 - of.x0)) != 0)
            return false;
    return true;
}

// Where the pictures differ; nothing where they do not.
std::optional<std::string> difference(const Image& one, const Image& other) {
    for (int y = 0; y < one.height; y += tile)
        for (int x = 0; x < one.width; x += tile) {
            const Tile of{x, y, std::min(x + tile, one.width), std::min(y + tile, one.height)};
            if (!are_equal(one, other, of) && (lacks(one, other, of) || lacks(other, one, of)))
                return "at " + std::to_string(x) + ", " + std::to_string(y);
        }
    return std::nullopt;
}

// Paints a rectangle with what lies around it.
void paint_away(Image& image, const Rect& rect) {
    const Tile of{std::max(0, static_cast<int>(rect.x)), std::max(0, static_cast<int>(rect.y)),
                  std::min(image.width, static_cast<int>(rect.right())),
                  std::min(image.height, static_cast<int>(rect.bottom()))};
    if (of.area() <= 0) return;
    const Tile round{std::max(0, of.x0 - 6), of.y0, of.x0 > 6 ? of.x0 : std::min(image.width, of.x1 + 6), of.y1};
    const Color ground = ground_of(image, round.area() > 0 && of.x0 > 6 ? round : of);
    of.each([&](int x, int y) {
        for (std::size_t c = 0; c < 3; ++c) image.at(x, y)[c] = static_cast<stbi_uc>(ground[c]);
    });
}

std::filesystem::path golden(const std::string& name) {
    return std::filesystem::path(tests::golden_pictures) / (name + ".png");
}

std::filesystem::path drawn(const std::string& name) {
    return std::filesystem::path(tests::output) / ("golden-" + name + ".png");
}

// With the picture that was just drawn.
void compare_drawn(const std::string& name) {
    if (const char* mode = std::getenv("FHIRSCOPE_GOLDEN"); mode != nullptr && std::strcmp(mode, "write") == 0)
        std::filesystem::copy_file(drawn(name), golden(name), std::filesystem::copy_options::overwrite_existing);
    const Image was = read(golden(name)), is = read(drawn(name));
    INFO("compare " << golden(name) << " with " << drawn(name));
    REQUIRE(was.pixels);
    REQUIRE(is.pixels);
    REQUIRE(was.width == is.width);
    REQUIRE(was.height == is.height);
    CHECK(difference(was, is).value_or("") == "");
}

void compare(Pictures& pictures, const std::string& name, const engine::SnapshotPtr& snapshot, bool light,
             const std::function<void(UiState&)>& prepare) {
    pictures.save(snapshot, light, prepare, drawn(name));
    compare_drawn(name);
}

} // namespace

TEST_CASE("every view looks as it did when somebody looked at it, in both themes", "[display]") {
    Synthetic data;
    const engine::SnapshotPtr snapshot = tests::publish_with_conflicts(data);
    {
        const auto large = Pictures::open(1440, 900);
        if (!large) SKIP("there is no display; run under Xvfb");
        for (const auto& [name, view] : view_names) {
            if (view == ViewId::Replay) continue; // of other sessions: below
            for (const bool light : {false, true}) {
                compare(
                    *large, std::string(name) + (light ? "-light" : "-dark"), snapshot, light,
                    [&](UiState& ui) {
                        ui.view = view;
                        tests::select_something(ui, data);
                    });
            }
        }
    }
    const auto small = Pictures::open(800, 600);
    REQUIRE(small);
    compare(
        *small, "log-dark-small", snapshot, false, [](UiState& ui) { ui.view = ViewId::Log; });
    compare(*small, "diagnosis-dark-small", snapshot, false, [](UiState& ui) { ui.view = ViewId::Diagnosis; });
}

TEST_CASE("a moment that is over looks as it did, in a recording and while the session goes on", "[display]") {
    tests::WalkedClinic clinic;
    const auto compare_moment = [&](Pictures& pictures, const std::string& name, bool light, Source source,
                                    ViewId view) {
        pictures.save([&](FrameInput& input) { clinic.look(input, source); }, light,
                      [&](UiState& ui) {
                          ui.view = view;
                          ui.selection = {Selection::Kind::Resource, clinic.data.task_reference(0), 0};
                          ui.inspector.tab = InspectorTab::Diff;
                      },
                      drawn(name));
        compare_drawn(name);
    };
    {
        const auto large = Pictures::open(1440, 900);
        if (!large) SKIP("there is no display; run under Xvfb");
        for (const bool light : {false, true}) {
            const std::string theme = light ? "-light" : "-dark";
            compare_moment(*large, "replay" + theme, light, Source::Replay, ViewId::Replay);
            compare_moment(*large, "lookback" + theme, light, Source::Live, ViewId::Panels);
        }
    }
    const auto small = Pictures::open(800, 600);
    REQUIRE(small);
    compare_moment(*small, "replay-dark-small", false, Source::Replay, ViewId::Replay);
}

TEST_CASE("an incident that says all that one can looks as it did, wide and narrow", "[display]") {
    Synthetic data;
    tests::Parts parts(data.publish());
    diagnosis::Incident deaf = tests::deaf_incident();
    deaf.about = {data.task_reference(0), data.task_reference(1)};
    const auto incidents = tests::some_incidents();
    const auto shown = std::make_shared<const diagnosis::Incident>(deaf);
    parts.ui.diagnosis.incident = deaf.number;
    {
        const auto large = Pictures::open(1292, 800); // without rail and timeline
        if (!large) SKIP("there is no display; run under Xvfb");
        for (const bool light : {false, true}) {
            IncidentTable table;
            IncidentSort sort;
            EpisodePane pane;
            IncidentInspector inspector;
            const std::string name = light ? "incident-light" : "incident-dark";
            large->save_part(
                parts, light,
                [&](Context& context, Rect area) {
                    inspector.draw(context, area.take_right(360), shown);
                    table.draw(context, area.take_top(180), incidents, sort);
                    pane.draw(context, area, deaf);
                },
                drawn(name));
            compare_drawn(name);
        }
    }
    const auto small = Pictures::open(760, 456);
    REQUIRE(small);
    parts.narrow = true;
    EpisodePane pane;
    small->save_part(
        parts, false, [&](Context& context, const Rect& area) { pane.draw(context, area, deaf); },
        drawn("incident-dark-small"));
    compare_drawn("incident-dark-small");
}

TEST_CASE("a picture that lacks a bar, a button, a row or a label is another one") {
    const Image panels = read(golden("panels-dark"));
    REQUIRE(panels.pixels);
    const auto without = [&](const Rect& rect) {
        Image image = read(golden("panels-dark"));
        paint_away(image, rect);
        return difference(panels, image).has_value();
    };
    CHECK_FALSE(without({700, 300, 0, 0}));
    const std::pair<const char*, Rect> parts[] = {{"the top bar", {0, 0, 1440, 39}},
                                                  {"the name of the session", {155, 10, 130, 20}},
                                                  {"the state's pill", {434, 10, 112, 20}},
                                                  {"the left rail", {0, 40, 146, 690}},
                                                  {"an entry of the rail", {36, 110, 70, 18}},
                                                  {"the status bar", {0, 878, 1440, 22}},
                                                  {"a figure of the status bar", {110, 880, 70, 18}},
                                                  {"a row of a panel", {150, 188, 920, 22}},
                                                  {"the lower rows of a panel", {150, 600, 920, 130}},
                                                  {"one cell", {386, 188, 90, 20}},
                                                  {"a column's header", {386, 142, 60, 18}},
                                                  {"the inspector", {1084, 40, 356, 690}},
                                                  {"a button of the inspector", {1340, 96, 90, 22}},
                                                  {"the timeline", {0, 738, 1440, 138}},
                                                  {"the timeline's buttons", {155, 740, 110, 20}}};
    for (const auto& [what, rect] : parts) {
        INFO(what);
        CHECK(without(rect));
    }
}
