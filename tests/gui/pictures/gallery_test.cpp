// Every view in both themes and sizes, with data, without, and with what can be wrong: script/screenshots.

#include "gui/frame/view.hpp"
#include "pictures/pictures.hpp"
#include "support/synthetic_conflicts.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <memory>
#include <string>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Pictures;
using fhirscope::tests::Synthetic;

namespace {

engine::SnapshotPtr nothing_yet() {
    auto snapshot = std::make_shared<engine::Snapshot>(*empty_snapshot());
    snapshot->connection.base_url = "https://fhir.example.org/";
    snapshot->connection.state = engine::ConnectionState::Receiving;
    snapshot->connection.phase = engine::Phase::Live;
    snapshot->connection.since = snapshot->connection.live_since = Synthetic::now() - std::chrono::seconds(4);
    return snapshot;
}

engine::SnapshotPtr disconnected(const engine::SnapshotPtr& live) {
    auto snapshot = std::make_shared<engine::Snapshot>(*live);
    engine::ConnectionView& connection = snapshot->connection;
    connection.state = engine::ConnectionState::Disconnected;
    connection.phase = engine::Phase::BackingOff;
    connection.since = Synthetic::now() - std::chrono::seconds(41);
    connection.next_attempt = Synthetic::now() + std::chrono::seconds(3);
    connection.reason = {.code = engine::FactCode::NoFrame, .duration = std::chrono::seconds(25)};
    for (engine::SubscriptionView& subscription : snapshot->subscriptions) {
        subscription.state = engine::SubscriptionState::Refused;
        subscription.problem = {.code = engine::FactCode::CreationRefused, .causes = {engine::said("403 forbidden")}};
        subscription.unheard_since = subscription.unheard_noticed = Synthetic::now() - std::chrono::seconds(41);
    }
    return snapshot;
}

std::string file_name(std::string_view title) {
    std::string name(title);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name;
}

} // namespace

TEST_CASE("every view, theme, size and state", "[.gallery]") {
    const char* folder = std::getenv("FHIRSCOPE_GALLERY");
    REQUIRE(folder != nullptr);
    Synthetic data;
    const engine::SnapshotPtr live = tests::publish_with_conflicts(data), empty = nothing_yet(),
                              error = disconnected(live);
    for (std::size_t task = 0; task < 12; task += 4)
        data.find_stale(task, task % 8 ? "cancelled" : "completed", Synthetic::now() - std::chrono::minutes(1));
    const engine::SnapshotPtr stale = data.publish();
    const std::pair<const char*, engine::SnapshotPtr> states[] = {
        {"live", live}, {"empty", empty}, {"error", error}, {"stale", stale}};
    for (const auto& [width, height] : {std::pair{1440, 900}, std::pair{800, 600}}) {
        const auto pictures = Pictures::open(width, height);
        REQUIRE(pictures);
        for (const auto& view : make_views()) {
            for (const bool light : {false, true}) {
                for (const auto& [state, snapshot] : states) {
                    const std::string name = file_name(view->title()) + "-" + (light ? "light" : "dark") + "-" +
                                             std::to_string(width) + "-" + state + ".png";
                    const auto prepare = [&](UiState& ui) {
                        ui.view = view->id();
                        if (snapshot != empty) {
                            tests::select_something(ui, data);
                        }
                    };
                    pictures->save(snapshot, light, prepare, std::filesystem::path(folder) / name);
                }
            }
        }
    }
}
