// The log view under a null backend: filters that are typed, completed, saved; colors; columns; exports.

#include "gui/model/log/log_export.hpp"
#include "gui/model/log/log_index.hpp"
#include "gui/model/settings/log_settings.hpp"
#include "gui/views/log/colors.hpp"
#include "query/lookup.hpp"
#include "query/update_fields.hpp"
#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

using namespace fhirscope;
using namespace fhirscope::gui;
using Catch::Matchers::ContainsSubstring;
using fhirscope::tests::Synthetic;
using fhirscope::tests::WindowDriver;
using namespace std::chrono_literals;

namespace {

struct LogWindow : WindowDriver {
    explicit LogWindow(engine::SnapshotPtr snapshot) : WindowDriver(std::move(snapshot)) { click("rail/log"); }
    UiState& ui() { return shell.ui(); }
    void filter(std::string text) {
        ui().log.filter = std::move(text);
        frame();
        frame();
        settle();
    }
    std::size_t rows() const {
        return static_cast<std::size_t>(std::count_if(
            targets.begin(), targets.end(), [](const auto& entry) { return entry.first.starts_with("log/row/"); }));
    }
    const engine::UpdateRow& row(int at) {
        click("log/row/" + std::to_string(at));
        return input.snapshot->updates[ui().selection.number];
    }
    // The file is written by a thread of its own.
    bool wait_for(const std::string& target) {
        const auto end = std::chrono::steady_clock::now() + 60s;
        while (!has(target) && std::chrono::steady_clock::now() < end) {
            std::this_thread::yield();
            frame();
        }
        return has(target);
    }
};

std::string export_path(const std::string& name) {
    const auto folder = std::filesystem::path(tests::output) / "log";
    std::filesystem::create_directories(folder);
    std::filesystem::remove(folder / name);
    return (folder / name).string();
}

std::size_t lines_of(const std::string& path) {
    std::ifstream file(path);
    return static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>(file), {}, '\n'));
}

} // namespace

TEST_CASE("a filter is completed from the keyboard while it is typed") {
    Synthetic data;
    LogWindow window(data.publish());
    window.key(ImGuiKey_Slash);
    CHECK_FALSE(window.has("log/filter/completion/0"));
    window.type("outc");
    REQUIRE(window.has("log/filter/completion/0"));
    window.key(ImGuiKey_Tab); // the first
    CHECK(window.ui().log.filter == "outcome:");
    window.type("r");
    window.key(ImGuiKey_DownArrow);
    window.key(ImGuiKey_Enter);
    CHECK(window.ui().log.filter == "outcome:rejected");
    window.type(" type:Tas");
    window.key(ImGuiKey_Tab);
    CHECK(window.ui().log.filter == "outcome:rejected type:Task");
    CHECK(window.has("log/filter/valid"));
    CHECK(window.row(0).outcome == engine::Outcome::Rejected);
}

TEST_CASE("Esc closes the list of completions and keeps what was typed") {
    Synthetic data;
    LogWindow window(data.publish());
    window.key(ImGuiKey_Slash);
    window.type("typ");
    REQUIRE(window.has("log/filter/completion/0"));
    window.key(ImGuiKey_Escape);
    CHECK_FALSE(window.has("log/filter/completion/0"));
    CHECK(window.ui().log.filter == "typ");
    window.type("e:P");
    CHECK(window.ui().log.filter == "type:P");
    CHECK(window.has("log/filter/completion/0"));
}

TEST_CASE("a completion is taken by a click, and typing goes on behind it") {
    Synthetic data;
    LogWindow window(data.publish());
    window.key(ImGuiKey_Slash);
    window.type("chan");
    window.click("log/filter/completion/0");
    CHECK(window.ui().log.filter == "channel:");
    window.frame();
    window.type("socket");
    CHECK(window.ui().log.filter == "channel:socket");
}

TEST_CASE("the session's own names are offered") {
    Synthetic data;
    LogWindow window(data.publish());
    window.key(ImGuiKey_Slash);
    window.type("type:");
    window.key(ImGuiKey_Tab);
    CHECK(window.ui().log.filter == "type:" + window.input.snapshot->stores[0].type);
}

TEST_CASE("a filter that is not understood has a caret under its error and keeps the rows") {
    Synthetic data;
    LogWindow window(data.publish());
    const std::size_t all = window.rows();
    window.filter("type:Task & color:red");
    CHECK_FALSE(window.has("log/filter/valid"));
    REQUIRE(window.has("log/filter/caret"));
    const float later = window.rect("log/filter/caret").x;
    CHECK(window.rect("log/filter/caret").y >= window.rect("log/filter").bottom());
    CHECK(window.rows() + 2 >= all); // the reason takes a line
    window.filter("color:red");
    CHECK(window.rect("log/filter/caret").x < later);
    window.filter("type:Task");
    CHECK_FALSE(window.has("log/filter/caret"));
    CHECK(window.has("log/filter/valid"));
}

TEST_CASE("the rows of conflicts have a chip with their number, and its filter finds as many") {
    Synthetic data;
    auto snapshot = data.publish();
    engine::Chunked<engine::ConflictPtr> conflicts;
    for (std::uint64_t i = 1; i <= 3; ++i) {
        auto conflict = std::make_shared<engine::Conflict>();
        conflict->number = i;
        conflict->update = snapshot->updates.end() - 10 * i;
        conflicts.push_back(conflict);
    }
    snapshot->conflicts = conflicts.publish();
    LogWindow window(snapshot);
    window.click("log/chip/conflict");
    CHECK(window.ui().log.filter == "outcome:conflict");
    CHECK(window.rows() == 3);
    window.click("log/row/0");
    CHECK(window.ui().selection.number == snapshot->updates.end() - 10);
}

TEST_CASE("without a match the log says what hides its rows, and clears it") {
    Synthetic data;
    LogWindow window(data.publish());
    window.filter("type:Nothing");
    CHECK(window.rows() == 0);
    window.click("log/clear");
    CHECK(window.ui().log.filter.empty());
    CHECK(window.rows() > 0);
}

TEST_CASE("the map beside the log marks refused rows with ticks, not with a bar") {
    Synthetic data;
    LogWindow window(data.publish());
    const Rect map = window.rect("log/map");
    std::size_t corners = 0;
    const ImDrawData& drawn = *ImGui::GetDrawData();
    for (int i = 0; i < drawn.CmdListsCount; ++i)
        for (const ImDrawVert& vertex : drawn.CmdLists[i]->VtxBuffer)
            corners += vertex.col == builtin_dark().err && map.contains(vertex.pos) ? 1 : 0;
    const std::size_t ticks = corners / 4; // two pixels high each
    CHECK(ticks > 5);
    CHECK(static_cast<float>(ticks) * 2 < map.h / 5);
}

TEST_CASE("a filter is saved under a name, applied from the menu and deleted there") {
    Synthetic data;
    LogWindow window(data.publish());
    window.click("log/save"); // nothing to save yet
    CHECK(window.ui().log.sheet == LogSheet::None);
    window.filter("outcome:rejected");
    window.click("log/save");
    REQUIRE(window.ui().log.sheet == LogSheet::Save);
    window.frame();
    window.type("refused");
    window.key(ImGuiKey_Enter);
    REQUIRE(window.ui().log.sheet == LogSheet::None);
    REQUIRE(window.ui().log.settings.filters == std::vector<SavedFilter>{{"refused", "outcome:rejected"}});
    window.filter("");
    window.click("log/menu");
    window.click("log/saved/refused");
    CHECK(window.ui().log.filter == "outcome:rejected");
    CHECK(window.ui().log.sheet == LogSheet::None);
    window.click("log/menu");
    window.click("log/saved/refused/delete");
    CHECK(window.ui().log.settings.filters.empty());
    window.key(ImGuiKey_Escape);
    CHECK(window.ui().log.sheet == LogSheet::None);
}

TEST_CASE("Ctrl K finds a saved filter by its name, and uses it in the log") {
    Synthetic data;
    LogWindow window(data.publish());
    window.click("rail/panels");
    REQUIRE(window.ui().log.settings.save("what was refused", "outcome:rejected"));
    REQUIRE(window.ui().log.settings.save("slow ones", "latency > 1s"));
    window.key(ImGuiKey_K, true);
    window.frame();
    window.type("filter: slow");
    window.key(ImGuiKey_Enter);
    CHECK(window.ui().view == ViewId::Log);
    CHECK(window.ui().log.filter == "latency > 1s");
    window.key(ImGuiKey_K, true);
    window.frame();
    window.type("what was refused");
    window.key(ImGuiKey_Enter);
    CHECK(window.ui().log.filter == "outcome:rejected");
}

TEST_CASE("a name that is known takes the new filter") {
    LogSettings settings;
    CHECK(settings.save("slow", "latency > 1s"));
    CHECK(settings.save("slow", "latency > 2s"));
    CHECK(settings.filters == std::vector<SavedFilter>{{"slow", "latency > 2s"}});
    CHECK_FALSE(settings.save("", "latency > 2s"));
    CHECK_FALSE(settings.save("none", ""));
    CHECK_FALSE(settings.save("long", std::string(LogSettings::longest + 1, 'x')));
    for (std::size_t i = 1; i < LogSettings::most_filters; ++i)
        CHECK(settings.save("f" + std::to_string(i), "type:Task"));
    CHECK_FALSE(settings.save("one too many", "type:Task"));
}

TEST_CASE("rules are written, given a look, ordered and deleted in their sheet") {
    Synthetic data;
    LogWindow window(data.publish());
    window.filter("type:Patient");
    window.ui().log.sheet = LogSheet::Rules;
    window.frame();
    window.click("log/rules/add");
    REQUIRE(window.ui().log.settings.rules.size() == 1);
    CHECK(window.ui().log.settings.rules[0].filter == "type:Patient"); // the filter in use is the likeliest
    window.click("log/rules/add");
    window.frame();
    window.click("log/rule/1/filter");
    window.type("outcome:rejected");
    CHECK(window.ui().log.settings.rules[1].filter == "outcome:rejected");
    window.click("log/rule/1/look/error");
    CHECK(window.ui().log.settings.rules[1].look == RuleLook::Error);
    window.click("log/rule/1/up");
    CHECK(window.ui().log.settings.rules[0].filter == "outcome:rejected");
    window.click("log/rule/0/on");
    CHECK_FALSE(window.ui().log.settings.rules[0].on);
    window.frame();
    window.click("log/rule/1/delete");
    CHECK(window.ui().log.settings.rules == std::vector<ColoringRule>{{"outcome:rejected", RuleLook::Error, false}});
}

TEST_CASE("the first rule that matches a row colors it; rules that are off or not understood color nothing") {
    Synthetic data({.patients = 2, .tasks = 20, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    data.change_task(3, "completed", Synthetic::now());
    const auto snapshot = data.publish();
    query::UpdateFacts facts(*snapshot, nullptr);
    facts.at(snapshot->updates.end() - 1);
    LogColors colors;
    colors.update({{"color:red", RuleLook::Error}, {"type:Task", RuleLook::Ok, false}, {"  ", RuleLook::Faint}});
    CHECK_FALSE(colors.any());
    colors.update({{"type:Patient", RuleLook::Error}, {"type:Task", RuleLook::Attention}, {"Task", RuleLook::Faint}});
    CHECK(colors.of(facts) == RuleLook::Attention);
    colors.update({{"type:Patient", RuleLook::Error}});
    CHECK_FALSE(colors.of(facts).has_value());
    // Never color alone: whatever has a color has a mark.
    for (std::size_t i = 0; i < rule_looks.size(); ++i) {
        const LookColors look = look_colors(builtin_dark(), static_cast<RuleLook>(i));
        CHECK((look.fill == 0 || look.mark.has_value()));
    }
}

TEST_CASE("columns are chosen, and one always stays") {
    Synthetic data;
    LogWindow window(data.publish());
    window.ui().log.sheet = LogSheet::Columns;
    window.frame();
    for (const char* id : {"time", "seq", "type", "version", "subscription", "channel", "outcome", "latency", "size"})
        window.click("log/column/" + std::string(id));
    CHECK(window.ui().log.settings.hidden.size() == 9);
    CHECK_FALSE(window.has("log/header/size/edge"));
    CHECK(window.has("log/header/resource/edge"));
    window.click("log/column/resource");
    CHECK(window.ui().log.settings.shows("resource"));
    CHECK(window.rows() > 0);
    window.click("log/column/seq");
    CHECK(window.ui().log.settings.shows("seq"));
}

TEST_CASE("what the log shows is exported, and only its owner can read it") {
    Synthetic data;
    LogWindow window(data.publish());
    window.filter("outcome:rejected | outcome:out-of-order");
    window.key(ImGuiKey_E, true);
    REQUIRE(window.ui().log.sheet == LogSheet::SaveRows);
    window.frame();
    const std::string path = export_path("rows.csv");
    window.click("log/export/path");
    window.key(ImGuiKey_A, true);
    window.type(path);
    window.key(ImGuiKey_Enter);
    REQUIRE(window.wait_for("log/notice"));
    while (window.ui().log.sheet == LogSheet::SaveRows) window.frame();
    std::size_t expected = 0;
    const auto& updates = window.input.snapshot->updates;
    for (std::uint64_t n = updates.first(); n < updates.end(); ++n) {
        const engine::Outcome outcome = updates[n].outcome;
        expected += outcome == engine::Outcome::Rejected || outcome == engine::Outcome::OutOfOrder ? 1 : 0;
    }
    REQUIRE(expected > 0);
    CHECK(lines_of(path) == expected + 1);
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    // Once more: what is there is not written over.
    window.key(ImGuiKey_E, true);
    window.frame();
    window.click("log/export/path");
    window.key(ImGuiKey_A, true);
    window.type(path);
    window.click("log/export/do");
    REQUIRE(window.wait_for("log/notice"));
    CHECK(window.ui().log.sheet == LogSheet::SaveRows);
    CHECK(lines_of(path) == expected + 1);
}

TEST_CASE("an export that is given up leaves no file") {
    Synthetic data;
    const auto snapshot = data.publish();
    std::vector<std::uint64_t> numbers;
    for (int round = 0; round < 50; ++round)
        for (std::uint64_t n = snapshot->updates.first(); n < snapshot->updates.end(); ++n) numbers.push_back(n);
    const std::string path = export_path("given-up.ndjson");
    const auto folder = std::filesystem::path(path).parent_path();
    {
        LogExport job;
        job.start(snapshot, {}, numbers, query::Format::Ndjson, path);
        CHECK(job.total() == numbers.size());
        job.cancel();
        CHECK(job.state() == LogExport::State::Idle);
    }
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        CHECK(entry.path().string().find("given-up") == std::string::npos);
}

TEST_CASE("the suggested name says when, and in which format") {
    CHECK(export_name(Synthetic::now(), query::Format::Csv) == "fhirscope-log-2026-03-12T14-32-07.csv");
    CHECK(export_name(Synthetic::now(), query::Format::Ndjson).ends_with(".ndjson"));
}

TEST_CASE("the commands of the log are in the palette") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_K, true);
    window.frame();
    window.type("color rows");
    window.key(ImGuiKey_Enter);
    CHECK(window.shell.ui().view == ViewId::Log);
    CHECK(window.shell.ui().log.sheet == LogSheet::Rules);
    window.frame();
    CHECK(window.has("log/sheet"));
    window.key(ImGuiKey_Escape);
    CHECK(window.shell.ui().log.sheet == LogSheet::None);
}

TEST_CASE("F goes back to the newest row") {
    Synthetic data;
    LogWindow window(data.publish());
    const Rect body = window.rect("log/body");
    window.wheel(body.x + 50, body.y + 100, -20);
    REQUIRE_FALSE(window.has("log/row/0"));
    window.key(ImGuiKey_F);
    CHECK(window.has("log/row/0"));
}

TEST_CASE("a frame looks at no row of a long log but at those that are new") {
    Synthetic data({.patients = 5, .tasks = 20, .alerts = 0, .updates = 100000, .seconds = 600, .gap = false});
    const auto snapshot = data.publish();
    const query::ConflictRows none;
    Worker worker([] {});
    LogIndex index;
    index.ask(*query::Query::parse("latency > 100ms | outcome:conflict", query::update_fields()));
    index.update(snapshot, none, std::nullopt, &worker);
    CHECK(index.examined() == 0);
    CHECK(index.size() == 0);
    worker.wait();
    index.update(snapshot, none, std::nullopt, &worker);
    CHECK(index.complete());
    CHECK(index.examined() == 0);
    CHECK(index.size() > 0);
    data.change_task(1, "completed", Synthetic::now());
    index.update(data.publish(), none, std::nullopt, &worker);
    CHECK(index.examined() == 1);
    // What came while nobody looked is looked at by the worker, too.
    for (std::uint64_t i = 0; i <= LogIndex::at_once; ++i)
        data.add_update(1, 7, Synthetic::now(), engine::Outcome::Applied);
    const auto later = data.publish();
    index.update(later, none, std::nullopt, &worker);
    CHECK(index.examined() == 0);
    CHECK_FALSE(index.complete());
    worker.wait();
    index.update(later, none, std::nullopt, &worker);
    LogIndex fresh;
    fresh.ask(index.query());
    fresh.update(later, none, std::nullopt);
    REQUIRE(index.size() == fresh.size());
    CHECK(index.number(0) == fresh.number(0));
}
