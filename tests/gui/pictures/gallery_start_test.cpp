// Pictures of the start page, notices and sizes, for a person to look at: script/screenshots.

#include "gui/window/looks.hpp"
#include "gui/window/platform.hpp"
#include "gui/window/shell.hpp"
#include "support/paths.hpp"
#include "support/synthetic_snapshot.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <filesystem>
#include <functional>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Synthetic;

namespace {

StartInfo offered() {
    StartInfo info;
    info.version = "0.1.0";
    info.demos = {{"clinic", "Cardiology follow-up", "4 updates/s, everything goes well"},
                  {"busy", "Busy clinic", "100 updates/s"},
                  {"flaky", "Flaky network", "drops every 30 s, recovery closes the gap"},
                  {"conflicts", "Two editors", "every kind of conflict once within 20 s"}};
    info.criteria = {{true, "Patient", "Patient"},
                     {true, "Task", "Task"},
                     {true, "Basic", "Basic?code=device-alert"},
                     {true, "", "Observation?status"}};
    info.secret_in_environment = true;
    info.url_in_environment = "https://fhir.cardio.example/";
    info.client_in_environment = "6b0e1f4c-2f77-4d1c-9a53-b0c4d7e91f26";
    return info;
}

struct Picture {
    std::string name;
    bool light = false;
    int percent = 100;
    bool open = false;
    std::function<void(UiState&, StartInfo&, FrameInput&)> prepare;
};

} // namespace

TEST_CASE("the start page, notices, settings and sizes", "[.gallery]") {
    const char* folder = std::getenv("FHIRSCOPE_GALLERY");
    REQUIRE(folder != nullptr);
    setenv("TZ", "UTC", 1);
    Synthetic data;
    const engine::SnapshotPtr snapshot = data.publish();
    Opening opening{"Reading /srv/recordings/discharge-reminders.fhirscope", 48'120, 104'857, std::chrono::seconds(2)};
    const auto recent = [](UiState& ui, StartInfo&, FrameInput&) {
        const std::int64_t day = 86'400;
        const std::int64_t now =
            std::chrono::duration_cast<std::chrono::seconds>(Synthetic::now().time_since_epoch()).count();
        RecentSettings entries;
        entries.add({Source::Demo, "Two editors", "20260227", now - 13 * day});
        entries.add({Source::Replay, "discharge-reminders-rc4.fhirscope",
                     "/srv/recordings/discharge-reminders-rc4.fhirscope", now - 2 * day});
        entries.add({Source::Live, "https://fhir.cardio.example/", "https://fhir.cardio.example/", now - 9000});
        ui.settings.put(entries);
    };
    const auto notices = [](UiState& ui, StartInfo&, FrameInput&) {
        ui.notices.add(
            {Notice::Severity::Info, "", "A font cannot be used.",
             "JetBrains Mono is not installed (package fonts-jetbrains-mono); a plain face stands in for it.", ""});
        ui.notices.add({Notice::Severity::Attention, "", "A setting cannot be used; its default is.",
                        "/home/nurse/.config/fhirscope/settings.json:4: \"scale\" must be a number from 75 to 200",
                        "settings"});
        ui.notices.add({Notice::Severity::Error, "", "There is no session with https://fhir.cardio.example/.",
                        "The server refused the client id or the secret.", ""});
    };
    const std::initializer_list<Picture> pictures = {
        {"start", false, 100, false, recent},
        {"start-light", true, 100, false, recent},
        {"start-opening", false, 100, false,
         [&](UiState&, StartInfo& info, FrameInput& input) {
             info.secret_in_environment = false;
             input.opening = &opening;
         }},
        {"start-150", false, 150, false, recent},
        {"notices", false, 100, true, notices},
        {"notices-light", true, 100, true, notices},
        {"settings", false, 100, true, [](UiState& ui, StartInfo&, FrameInput&) { ui.page = Page::Settings; }},
        {"panels-75", false, 75, true, {}},
        {"panels-200", true, 200, true, {}},
    };
    for (const auto& [width, height] : {std::pair{1440, 900}, std::pair{800, 600}}) {
        PlatformOptions options;
        options.width = width;
        options.height = height;
        options.scale = 1;
        auto platform = Platform::open(options);
        REQUIRE(platform.has_value());
        Looks looks(tests::assets);
        for (const Picture& picture : pictures) {
            Shell shell;
            StartInfo info = offered();
            FrameInput input;
            input.snapshot = picture.open ? snapshot : empty_snapshot();
            input.session.title = picture.open ? "Cardiology follow-up" : "";
            input.session.open = picture.open;
            input.start = &info;
            input.stats.cpu_ms = 0.3;
            input.stats.frames_per_second = 60;
            input.stats.memory = 38'000'000;
            input.now = Synthetic::now();
            input.send = [](engine::Command) {};
            if (picture.prepare) picture.prepare(shell.ui(), info, input);
            if (looks.use(picture.light, static_cast<float>(picture.percent) / 100, shell.ui().notices))
                (*platform)->fonts_changed();
            for (int i = 0; i < 6; ++i) {
                (*platform)->wait(std::chrono::milliseconds(0));
                (*platform)->begin_frame();
                shell.draw(input, looks.theme());
                ImGui::Render();
                (*platform)->end_frame(looks.theme().c.bg0);
            }
            const std::string small = width < 1000 ? "-small" : "";
            const auto out = std::filesystem::path(folder) / (picture.name + small + ".png");
            REQUIRE((*platform)->save_png(out).has_value());
        }
    }
}
