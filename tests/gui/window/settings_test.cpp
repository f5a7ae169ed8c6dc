// What is kept between two starts, and what happens to a file that cannot be read.

#include "gui/frame/settings_keeper.hpp"
#include "gui/model/settings/settings_parts.hpp"
#include "gui/model/start_form.hpp"
#include "gui/window/settings_file.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace fhirscope;
using namespace fhirscope::gui;
using Catch::Matchers::ContainsSubstring;

namespace {

namespace fs = std::filesystem;

// A folder of its own for each test; never the user's.
struct Folder {
    Folder() : path(fs::path(tests::output) / "settings") {
        fs::remove_all(path);
        fs::create_directories(path);
    }
    fs::path file() const { return path / "fhirscope" / "settings.json"; }
    void write(const std::string& text) const {
        fs::create_directories(file().parent_path());
        std::ofstream(file()) << text;
    }
    fs::path path;
};

std::string text_of(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

struct Other { // as a view brings its own
    static constexpr std::string_view name = "other";
    std::vector<std::string> columns;
    double ratio = 0.5;
    template <class A>
    void archive(A& a) {
        a("columns", columns);
        a.number("ratio", ratio, 0.0, 1.0);
    }
};

} // namespace

TEST_CASE("settings come back as they were left", "[settings]") {
    const Folder folder;
    UiState ui;
    ui.look.light = true;
    ui.look.scale_percent = 125;
    ui.look.reduced_motion = true;
    ui.view = ViewId::Latency;
    ui.inspector.open = false;
    ui.inspector.width = 412;
    ui.timeline.height = 90;
    ui.timeline.span = TimelineSpan::OneHour;
    ui.timeline.span_chosen = true;
    ui.log.filter = "type:Task & patient:\"Amara\"";
    SettingsKeeper().keep(ui);
    ui.settings.put(Other{{"time", "outcome"}, 0.25});
    SettingsFile file(folder.file());
    REQUIRE(file.save(ui.settings));

    struct stat status {};
    REQUIRE(::stat(folder.file().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);
    CHECK_THAT(text_of(folder.file()), ContainsSubstring("\n  \"look\": {\n    \"theme\": \"light\""));

    std::vector<Notice> notices;
    UiState again;
    use_settings(SettingsFile(folder.file()).load(notices), again);
    CHECK(notices.empty());
    CHECK(again.look.light);
    CHECK(again.look.scale_percent == 125);
    CHECK(again.look.reduced_motion);
    CHECK(again.view == ViewId::Latency);
    CHECK_FALSE(again.inspector.open);
    CHECK(again.inspector.width == 412);
    CHECK(again.timeline.height == 90);
    CHECK(again.timeline.span == TimelineSpan::OneHour);
    CHECK(again.log.filter == ui.log.filter);
    CHECK(again.settings.get<Other>().columns == std::vector<std::string>{"time", "outcome"});
    CHECK(again.settings.get<Other>().ratio == 0.25);
}

TEST_CASE("filters, rules and columns come back as they were left", "[settings]") {
    UiState ui;
    REQUIRE(ui.log.settings.save("slow \"ones\"", "latency > 1s"));
    ui.log.settings.rules = {{"type:Task", RuleLook::Live, false}, {"not a filter:", RuleLook::Conflict, true}};
    ui.log.settings.show("size", false);
    PanelSettings& tasks = ui.panels["tasks"];
    tasks.columns = {{"due", 210, true}, {"id", 0, false}};
    tasks.sort = "due";
    tasks.order = SortOrder::Descending;
    tasks.filter = "say \"Ångström\"";
    ui.panels["alerts"].order = SortOrder::None;
    SettingsKeeper keeper;
    keeper.keep(ui);
    const std::uint64_t revision = ui.settings.revision();
    keeper.keep(ui);
    CHECK(ui.settings.revision() == revision);

    const auto read = Settings::parse(ui.settings.text());
    REQUIRE(read);
    UiState again;
    use_settings(*read, again);
    CHECK(again.log.settings == ui.log.settings);
    CHECK(again.panels == ui.panels);
    SettingsKeeper().keep(again);
    CHECK(again.settings.text() == ui.settings.text());
}

TEST_CASE("a wrong value of a rule or a column is told, and the others are used", "[settings]") {
    constexpr std::string_view text =
        R"({"log": {"rules": [{"filter": "a", "look": "pink"}, {"filter": "b", "look": "ok"}], "filters": [{"name": ""}]},
            "panels": {"entries": [{"panel": "tasks", "columns": [{"id": "due", "width": -4}], "order": "up"}]}})";
    std::vector<std::string> reasons;
    for (const SettingsProblem& problem : check_settings(text)) reasons.push_back(problem.reason);
    REQUIRE(reasons.size() == 3);
    CHECK_THAT(reasons[0], ContainsSubstring("\"look\" must be one of strong"));
    CHECK_THAT(reasons[1], ContainsSubstring("\"width\""));
    CHECK_THAT(reasons[2], ContainsSubstring("\"order\" must be one of ascending"));
    UiState ui;
    use_settings(*Settings::parse(text), ui);
    REQUIRE(ui.log.settings.rules.size() == 2);
    CHECK(ui.log.settings.rules[0].look == RuleLook::Strong);
    CHECK(ui.log.settings.rules[1].look == RuleLook::Ok);
    CHECK(ui.log.settings.filters.empty()); // one without a name cannot be chosen
    CHECK(ui.panels["tasks"].columns[0].width == 0);
}

TEST_CASE("what nobody changed is not written", "[settings]") {
    const Folder folder;
    UiState ui;
    SettingsKeeper().keep(ui);
    SettingsFile file(folder.file());
    REQUIRE(file.save(ui.settings));
    CHECK_FALSE(fs::exists(folder.file()));
}

TEST_CASE("parts and members of another version are kept", "[settings]") {
    const Folder folder;
    folder.write(R"({"look": {"theme": "light", "font": "Inter"}, "future": [1, 2.50, {"a": "\u00e9"}]})");
    std::vector<Notice> notices;
    SettingsFile file(folder.file());
    UiState ui;
    use_settings(file.load(notices), ui);
    ui.look.light = false;
    SettingsKeeper().keep(ui);
    REQUIRE(file.save(ui.settings));
    const std::string text = text_of(folder.file());
    CHECK_THAT(text, ContainsSubstring("\"font\": \"Inter\""));
    CHECK_THAT(text, ContainsSubstring("2.50"));
    CHECK_THAT(text, ContainsSubstring("\"theme\": \"dark\""));
    CHECK(notices.empty());
}

TEST_CASE("a file that is no JSON is set aside, its line is named, and the defaults are used", "[settings]") {
    const Folder folder;
    const std::string broken = "{\n  \"look\": {\n    \"theme\": light\n  }\n}\n";
    folder.write(broken);
    std::vector<Notice> notices;
    SettingsFile file(folder.file());
    const Settings settings = file.load(notices);
    REQUIRE(notices.size() == 1);
    CHECK_THAT(notices[0].cause, ContainsSubstring("settings.json:3: "));
    CHECK_THAT(notices[0].text, ContainsSubstring("settings.json.broken"));
    CHECK(text_of(folder.file().string() + ".broken") == broken);
    CHECK(settings.get<LookSettings>() == LookSettings{});
}

TEST_CASE("a folder or an empty file in the place of the settings is told, and the program goes on", "[settings]") {
    const Folder folder;
    std::vector<Notice> notices;
    folder.write("");
    CHECK(SettingsFile(folder.file()).load(notices).get<LookSettings>() == LookSettings{});
    REQUIRE(notices.size() == 1);
    CHECK_THAT(notices[0].cause, ContainsSubstring("settings.json:1: "));

    std::filesystem::remove(folder.file());
    std::filesystem::create_directories(folder.file());
    SettingsFile file(folder.file());
    Settings settings = file.load(notices);
    REQUIRE(notices.size() == 2);
    CHECK_THAT(notices[1].cause, ContainsSubstring("settings.json: it is a folder"));
    settings.put(LookSettings{true, 110});
    CHECK(file.save(settings)); // nowhere, as was said
    CHECK(fs::is_directory(folder.file()));
    CHECK(fs::is_empty(folder.file()));
}

TEST_CASE("settings that are no file of a sane size are told at once and left alone", "[settings]") {
    const Folder folder;
    fs::create_directories(folder.file().parent_path());
    std::string reason;
    SECTION("a pipe") {
        REQUIRE(::mkfifo(folder.file().c_str(), 0600) == 0);
        reason = "it is a pipe";
    }
    SECTION("a device, by a link") {
        fs::create_symlink("/dev/zero", folder.file());
        reason = "it is a device";
    }
    SECTION("a file without end") {
        folder.write("");
        fs::resize_file(folder.file(), std::uintmax_t{1} << 40U);
        reason = "it is larger than 4 MB";
    }
    const fs::file_type before = fs::symlink_status(folder.file()).type();
    std::vector<Notice> notices;
    SettingsFile file(folder.file());
    Settings settings = file.load(notices);
    REQUIRE(notices.size() == 1);
    CHECK_THAT(notices[0].text, ContainsSubstring("not kept"));
    CHECK_THAT(notices[0].cause, ContainsSubstring("settings.json: " + reason));
    settings.put(LookSettings{true, 110});
    CHECK(file.save(settings));
    CHECK(fs::symlink_status(folder.file()).type() == before);
}

TEST_CASE("the folder of the settings is its owner's alone", "[settings]") {
    const Folder folder;
    Settings settings;
    settings.put(LookSettings{true, 110});
    REQUIRE(SettingsFile(folder.file()).save(settings));
    struct stat status {};
    REQUIRE(::stat(folder.file().parent_path().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0700U);
}

TEST_CASE("a value that cannot be used leaves the others alone", "[settings]") {
    const Folder folder;
    const std::string text =
        "{\n  \"look\": {\n    \"theme\": \"light\",\n    \"scale\": 900\n  },\n"
        "  \"layout\": {\"view\": \"nothing\", \"inspector-width\": \"wide\", \"timeline\": false},\n"
        "  \"filters\": 7\n}\n";
    folder.write(text);
    std::vector<Notice> notices;
    SettingsFile file(folder.file());
    Settings settings = file.load(notices);
    std::string causes;
    for (const Notice& notice : notices) causes += notice.cause + "\n";
    CHECK(notices.size() == 4);
    CHECK_THAT(causes, ContainsSubstring("settings.json:4: \"scale\" must be a number from 75 to 200"));
    CHECK_THAT(causes, ContainsSubstring("settings.json:6: \"view\" must be one of panels"));
    CHECK_THAT(causes, ContainsSubstring("settings.json:7: \"filters\" must be an object"));
    CHECK(settings.get<LookSettings>().light);
    CHECK(settings.get<LookSettings>().scale == 100);
    CHECK_FALSE(settings.get<LayoutSettings>().timeline);
    CHECK(settings.get<LayoutSettings>().view == ViewId::Panels);

    // Before anything is written over it, the file is set aside.
    settings.put(LookSettings{false, 110});
    REQUIRE(file.save(settings));
    CHECK(text_of(folder.file().string() + ".broken") == text);
}

TEST_CASE("changes are written after a moment, all at once", "[settings]") {
    using namespace std::chrono_literals;
    const Folder folder;
    SettingsFile file(folder.file());
    std::vector<Notice> notices;
    Settings settings;
    const std::chrono::steady_clock::time_point start{};
    CHECK(file.tick(settings, start, notices) == std::chrono::milliseconds::max());
    settings.put(LookSettings{true, 100});
    CHECK(file.tick(settings, start, notices) == SettingsFile::delay);
    settings.put(LookSettings{true, 110});
    file.tick(settings, start + 500ms, notices);
    CHECK_FALSE(fs::exists(folder.file()));
    file.tick(settings, start + SettingsFile::delay, notices);
    CHECK_THAT(text_of(folder.file()), ContainsSubstring("110"));
    CHECK(SettingsFile::delay <= 2s);
}

TEST_CASE("settings that cannot be written are told once, and the program goes on", "[settings]") {
    using namespace std::chrono_literals;
    const Folder folder;
    std::ofstream(folder.path / "fhirscope") << "a file where the folder should be";
    SettingsFile file(folder.file());
    std::vector<Notice> notices;
    Settings settings;
    settings.put(LookSettings{true, 100});
    const std::chrono::steady_clock::time_point start{};
    file.tick(settings, start, notices);
    file.tick(settings, start + 2s, notices);
    REQUIRE(notices.size() == 1);
    CHECK_THAT(notices[0].cause, ContainsSubstring((folder.path / "fhirscope").string()));
    settings.put(LookSettings{true, 110});
    file.tick(settings, start + 3s, notices);
    file.tick(settings, start + 6s, notices);
    CHECK(notices.size() == 1);
}

TEST_CASE("no path, no file", "[settings]") {
    SettingsFile file("");
    Settings settings;
    settings.put(LookSettings{true, 150});
    CHECK(file.save(settings));
    std::vector<Notice> notices;
    CHECK(file.load(notices).get<LookSettings>() == LookSettings{});
}

TEST_CASE("the file lies where XDG says", "[settings]") {
    const char* config = std::getenv("XDG_CONFIG_HOME");
    const std::string kept = config != nullptr ? config : "";
    setenv("XDG_CONFIG_HOME", "/somewhere", 1);
    CHECK(settings_path() == "/somewhere/fhirscope/settings.json");
    setenv("XDG_CONFIG_HOME", "relative", 1); // the specification: to be ignored
    const char* home = std::getenv("HOME");
    CHECK(settings_path() == (home != nullptr ? fs::path(home) / ".config/fhirscope/settings.json" : fs::path()));
    if (kept.empty())
        unsetenv("XDG_CONFIG_HOME");
    else
        setenv("XDG_CONFIG_HOME", kept.c_str(), 1);
}

TEST_CASE("addresses are kept without what may be a secret", "[settings]") {
    CHECK(without_secrets("https://me:word@fhir.example/R4?token=x#y") == "https://fhir.example/R4");
    CHECK(without_secrets("https://fhir.example:8443/a@b/") == "https://fhir.example:8443/a@b/");
    CHECK(without_secrets("me:word@host") == "host");
    ConnectForm form;
    form.url = "https://me:word@fhir.example/?code=1";
    form.login = Login::Typed;
    form.secret = "do-not-keep";
    Settings settings;
    settings.put(settings_of(form));
    CHECK_THAT(settings.text(),
               !ContainsSubstring("do-not-keep") && !ContainsSubstring("word") && !ContainsSubstring("code=1"));
}

TEST_CASE("recent entries are few, the newest first, and one a place", "[settings]") {
    RecentSettings recent;
    for (int i = 0; i < 20; ++i) recent.add({Source::Replay, "r", "/tmp/" + std::to_string(i % 15), i});
    CHECK(recent.entries.size() == RecentSettings::most_kept);
    CHECK(recent.entries.front().place == "/tmp/4");
    recent.add({Source::Replay, "r", "/tmp/3", 99});
    CHECK(recent.entries.front().began == 99);
    CHECK(recent.entries.size() == RecentSettings::most_kept);
    Settings settings;
    settings.put(recent);
    CHECK(settings.get<RecentSettings>() == recent);
}

TEST_CASE("notices are few, the newest last, and one a key", "[notices]") {
    Notices notices;
    notices.add({Notice::Severity::Attention, "theme", "one", "", ""});
    notices.add({Notice::Severity::Error, "", "two", "", ""});
    notices.add({Notice::Severity::Attention, "theme", "three", "", ""});
    REQUIRE(notices.size() == 2);
    CHECK(notices.all().back().notice.text == "three");
    const std::uint64_t number = notices.all().back().number;
    notices.add({Notice::Severity::Attention, "theme", "three", "", ""}); // nothing new
    CHECK(notices.all().back().number == number);
    notices.dismiss(number);
    CHECK(notices.size() == 1);
    notices.dismiss_key("two");
    CHECK(notices.empty());
    for (int i = 0; i < 200; ++i) notices.add({Notice::Severity::Info, "", std::to_string(i), "", ""});
    CHECK(notices.size() == Notices::most_kept);
    CHECK(notices.all().front().notice.text == "150");
}
