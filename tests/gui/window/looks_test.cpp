// Themes, JSON for display, and what happens where there is no display.

#include "gui/window/looks.hpp"

#include "gui/model/json_view.hpp"
#include "gui/ui/icons.hpp"
#include "gui/ui/theme.hpp"
#include "gui/window/platform.hpp"
#include "gui/window/window.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <cmath>
#include <cstdlib>
#include <fstream>

using namespace fhirscope;
using namespace fhirscope::gui;
using Catch::Matchers::ContainsSubstring;

namespace {

std::filesystem::path theme_file(const char* name) { return std::filesystem::path(tests::assets) / "themes" / name; }

double luminance(ImU32 color) {
    const ImVec4 v = ImGui::ColorConvertU32ToFloat4(color);
    const auto channel = [](float c) {
        const double x = static_cast<double>(c);
        return x <= 0.03928 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * channel(v.x) + 0.7152 * channel(v.y) + 0.0722 * channel(v.z);
}

double contrast(ImU32 a, ImU32 b) {
    const double x = luminance(a);
    const double y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

} // namespace

TEST_CASE("the dark theme's file holds the built-in palette") {
    const PaletteResult dark = load_palette(theme_file("dark.json"));
    CHECK(dark.problem.empty());
    CHECK(dark.palette.bg1 == builtin_dark().bg1);
    CHECK(dark.palette.g == builtin_dark().g);
    CHECK(dark.palette.on == builtin_dark().on);
    CHECK_FALSE(dark.palette.light);
    CHECK(load_palette(theme_file("light.json")).palette.light);
}

TEST_CASE("text reaches its contrast in both themes") {
    for (const char* file : {"dark.json", "light.json"}) {
        const Palette c = load_palette(theme_file(file)).palette;
        for (const ImU32 background : {c.bg0, c.bg1})
            for (const ImU32 text : {c.t1, c.t2, c.t3, c.t4, c.live, c.ok, c.att, c.err, c.con})
                CHECK(contrast(text, background) >= 4.5);
    }
}

TEST_CASE("a theme that cannot be read leaves the built-in one and says so") {
    const PaletteResult missing = load_palette("/nowhere/theme.json");
    CHECK(missing.palette.bg1 == builtin_dark().bg1);
    CHECK(missing.problem.find("/nowhere/theme.json") != std::string::npos);

    const auto broken = std::filesystem::path(tests::output) / "broken-theme.json";
    std::ofstream(broken) << "{\"colors\": {\n\"t1\": \"#010203\",\n\"bg1\": \"purple\"}}";
    const PaletteResult wrong = load_palette(broken);
    CHECK(wrong.palette.bg1 == builtin_dark().bg1);
    CHECK(wrong.palette.t1 == IM_COL32(1, 2, 3, 255));
    CHECK_THAT(wrong.problem, ContainsSubstring("broken-theme.json:3: \"bg1\" is not a color"));

    CHECK_THAT(load_palette(broken.parent_path()).problem, ContainsSubstring("it is a folder"));
    CHECK_THAT(load_palette("/dev/zero").problem, ContainsSubstring("it is a device"));

    std::ofstream(broken) << "{\"colors\":\n oops";
    CHECK_THAT(load_palette(broken).problem, ContainsSubstring("broken-theme.json:2: ") && ContainsSubstring("JSON"));
}

TEST_CASE("a theme and fonts that cannot be used are told in the window, which goes on with its own") {
    const auto assets = std::filesystem::path(tests::output) / "broken-assets";
    std::filesystem::remove_all(assets);
    std::filesystem::create_directories(assets / "themes");
    std::ofstream(assets / "themes" / "light.json") << "{\n\"colors\": 7\n}";
    std::filesystem::copy_file(theme_file("dark.json"), assets / "themes" / "dark.json");
    std::ofstream(assets / "Inter-Regular.ttf") << "no font";
    for (const auto& folder : font_folders()) { // half a font begins like a whole one
        const auto real = folder / "Inter-SemiBold.otf", half = assets / "Inter-SemiBold.otf";
        if (std::filesystem::exists(real) && std::filesystem::copy_file(real, half)) {
            std::filesystem::resize_file(half, std::filesystem::file_size(half) / 2);
            break;
        }
    }
    ImGuiContext* const context = ImGui::CreateContext();
    Notices notices;
    Looks looks(assets, {assets});
    looks.use(true, 1, notices);
    REQUIRE(notices.all().size() == 2);
    CHECK_THAT(notices.all()[0].notice.cause,
               ContainsSubstring((assets / "Inter-Regular.ttf").string() + " is damaged") &&
                   ContainsSubstring("JetBrains Mono is not installed") && ContainsSubstring("fonts-jetbrains-mono"));
    CHECK_THAT(notices.all()[1].notice.text, ContainsSubstring("light theme"));
    CHECK_THAT(notices.all()[1].notice.cause, ContainsSubstring("light.json:1: a theme is an object with \"colors\""));
    CHECK(looks.theme().c.bg1 == builtin_dark().bg1);
    CHECK(ImGui::GetIO().Fonts->Build());

    looks.use(false, 1, notices); // that one can be read
    CHECK(notices.all().size() == 1);
    ImGui::DestroyContext(context);
}

namespace {

// A program in which nothing is open.
class NothingOpen final : public WindowSource {
public:
    engine::SnapshotPtr snapshot() const override { return nullptr; }
    void command(engine::Command /*command*/) override {}
    SessionInfo info() const override { return {}; }
    bool stop() const override { return false; }
    std::uint64_t generation() const override { return 0; }
    const StartInfo& start() const override { return start_; }
    std::optional<Opening> opening() const override { return std::nullopt; }
    void request(Request /*request*/) override {}
    std::vector<Notice> take_notices() override { return {}; }
    std::vector<RecentSettings::Entry> take_opened() override { return {}; }

private:
    StartInfo start_;
};

} // namespace

// Among those of the display, because it loads the drivers as they do.
TEST_CASE("without a display the window's error says what to do", "[display]") {
    const char* display = std::getenv("DISPLAY");
    const std::string kept = display != nullptr ? display : "";
    setenv("DISPLAY", ":987", 1);
    unsetenv("WAYLAND_DISPLAY");
    NothingOpen nothing;
    const auto ran = run_window({}, nothing);
    if (kept.empty())
        unsetenv("DISPLAY");
    else
        setenv("DISPLAY", kept.c_str(), 1);
    REQUIRE_FALSE(ran.has_value());
    CHECK(ran.error().code == ErrorCode::NoDisplay);
    CHECK(ran.error().message.find("--headless") != std::string::npos);
}

TEST_CASE("a screenshot's folder that is not there is an error, not a crash", "[display]") {
    if (std::getenv("DISPLAY") == nullptr) SKIP("there is no display; run under Xvfb");
    WindowOptions options;
    options.assets = tests::assets;
    options.duration = std::chrono::milliseconds(200);
    options.screenshot = "/nowhere/picture.png";
    NothingOpen nothing;
    const auto ran = run_window(options, nothing);
    REQUIRE_FALSE(ran.has_value());
    CHECK(ran.error().code == ErrorCode::Screenshot);
}

TEST_CASE("a screenshot is its owner's alone, since it may show patients", "[display]") {
    if (std::getenv("DISPLAY") == nullptr) SKIP("there is no display; run under Xvfb");
    WindowOptions options;
    options.assets = tests::assets;
    options.duration = std::chrono::milliseconds(200);
    options.screenshot = (std::filesystem::path(tests::output) / "private.png").string();
    std::ofstream(options.screenshot) << "what was there"; // readable by others
    NothingOpen nothing;
    REQUIRE(run_window(options, nothing).has_value());
    CHECK(std::filesystem::file_size(options.screenshot) > 1000);
    CHECK(std::filesystem::status(options.screenshot).permissions() == std::filesystem::perms{0600});
}

TEST_CASE("views are found by name") {
    CHECK(view_by_name("latency") == ViewId::Latency);
    CHECK(view_by_name("diagnosis") == ViewId::Diagnosis);
    CHECK(view_by_name("profiler") == ViewId::Profiler);
    CHECK_FALSE(view_by_name("nothing").has_value());
}

TEST_CASE("FHIR codes have their marks, unknown ones a plain one") {
    CHECK(task_mark_of("in-progress") == TaskMark::InProgress);
    CHECK(task_mark_of("something-new") == TaskMark::Other);
    CHECK(priority_rank("stat") == 4);
    CHECK(priority_rank("") == 0);
}

TEST_CASE("a tree marks what differs from the version before") {
    const auto before =
        fhir::parse_json(R"({"id":"1","status":"accepted","for":{"display":"A"},"note":[{"text":"x"}]})");
    const auto after =
        fhir::parse_json(R"({"id":"1","status":"done","for":{"display":"A"},"note":[{"text":"y"}],"extra":{"a":1}})");
    const auto nodes = make_tree(*after, &*before);
    const auto node = [&](std::string_view path) -> const TreeNode& {
        for (const TreeNode& candidate : nodes)
            if (candidate.path == path) return candidate;
        throw std::runtime_error("no such node");
    };
    CHECK_FALSE(node("id").changed);
    CHECK(node("status").changed);
    CHECK(node("status").was == "\"accepted\"");
    CHECK_FALSE(node("for").changed);
    CHECK(node("note").changed);
    CHECK(node("note[0].text").was == "\"x\"");
    CHECK(node("extra").added);
    CHECK_FALSE(node("extra.a").changed);
}

TEST_CASE("a folded container hides what is in it") {
    const auto value = fhir::parse_json(R"({"a":{"b":{"c":1}},"d":2})");
    const auto nodes = make_tree(*value, nullptr);
    CHECK(visible_nodes(nodes, {"a"}, 0).size() == 2);
    CHECK(visible_nodes(nodes, {}, 5).size() == 4);
}

TEST_CASE("a large document is cut and says so") {
    std::string text = R"({"list":[)";
    for (int i = 0; i < 5000; ++i) text += i == 0 ? "1" : ",1";
    text += "]}";
    const auto value = fhir::parse_json(text);
    const auto nodes = make_tree(*value, nullptr, 100);
    CHECK(nodes.size() == 101);
    CHECK(nodes.back().value == "more, see JSON");
    CHECK(make_lines(text, 100).size() == 101);
}

TEST_CASE("lines of JSON keep keys and values apart; text that is not JSON is shown as it is") {
    const auto lines = make_lines(R"({"a":[1,{}],"b":"x"})");
    REQUIRE(lines.size() == 7);
    CHECK(lines[0].value == "{");
    CHECK(lines[1].key == "\"a\": ");
    CHECK(lines[2].value == "1,");
    CHECK(lines[3].value == "{}");
    CHECK(lines[5].value == "\"x\"");
    const auto plain = make_lines("not json\nat all");
    REQUIRE(plain.size() == 2);
    CHECK(plain[1].value == "at all");
    CHECK(make_lines("").empty());
}
