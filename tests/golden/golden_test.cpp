// Every transcript of the real server goes through import and replay. At the end the stores are compared with what the
// server answered last about each resource, and each difference must be one that the protocol makes unavoidable, as
// computed from the transcript itself.

#include "engine/engine.hpp"
#include "engine/panel.hpp"
#include "fhir/json.hpp"
#include "session/import.hpp"
#include "session/replay.hpp"
#include "support/paths.hpp"
#include "transcript.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

using namespace fhirscope;
using namespace fhirscope::tests;

namespace {

// "5.0.10/happy".
std::string fixture(const std::string& name) { return std::string(fixtures) + "/medplum-" + name + ".jsonl"; }

session::ImportOptions import_options() {
    session::ImportOptions options;
    for (const char* name : {"10-patients.json", "20-tasks.json"}) {
        const std::string path = std::string(assets) + "/panels/" + name;
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        const auto panel = engine::parse_panel(text.str(), path);
        REQUIRE(panel);
        options.panels.push_back(*panel);
    }
    return options;
}

// The session file of a fixture, made anew.
std::string import_fixture(const std::string& name, session::Imported& imported) {
    const std::filesystem::path folder = std::filesystem::path(output) / "golden";
    std::filesystem::create_directories(folder);
    std::string file = name + ".fhirscope";
    std::replace(file.begin(), file.end(), '/', '-');
    const std::string out = (folder / file).string();
    std::filesystem::remove(out);
    const auto done = session::import_to_file(fixture(name), out, import_options());
    INFO(name << ": " << (done ? "" : done.error().message));
    REQUIRE(done);
    imported = *done;
    return out;
}

using Records = std::map<std::string, engine::RecordPtr>;

Records records_of(const engine::Snapshot& snapshot) {
    Records records;
    for (const auto& store : snapshot.stores)
        for (std::size_t i = 0; i < store.records.size(); ++i) records[store.records[i]->reference] = store.records[i];
    return records;
}

struct Replay {
    session::Imported imported;
    session::Replayed replayed;
    engine::SnapshotPtr snapshot;
    Records records;
};

Replay replay_fixture(const std::string& name) {
    Replay result;
    const auto reader = session::Reader::open(import_fixture(name, result.imported));
    REQUIRE(reader);
    engine::Engine engine;
    const auto replayed = session::replay(*reader, engine);
    REQUIRE(replayed);
    result.replayed = *replayed;
    result.snapshot = engine.publish();
    result.records = records_of(*result.snapshot);
    return result;
}

// Members other than meta, which REST and socket show differently (PROTOCOL A3).
bool same_content(const fhir::Resource& a, const fhir::Resource& b) {
    auto left = fhir::parse_json(a.text()), right = fhir::parse_json(b.text());
    left->RemoveMember("meta");
    right->RemoveMember("meta");
    return *left == *right;
}

// The newest commit that a living subscription had to be told of; null when there is none.
const Commit* newest_told(const Transcript& transcript, const std::string& reference) {
    const Commit* newest = nullptr;
    const auto commits = transcript.commits.find(reference);
    if (commits == transcript.commits.end()) return nullptr;
    for (const Commit& commit : commits->second)
        if (transcript.had_to_be_told(commit)) newest = &commit;
    return newest;
}

// Whether a subscription was told of one version twice, or of content that was old when it was sent: a delete, a resend
// or a ghost, and only a GET decides which (PROTOCOL A8, A13).
bool looks_like_a_delete(const Transcript& transcript, const std::string& reference, const std::string& version) {
    std::set<std::string> told;
    const auto deliveries = transcript.deliveries.find(reference);
    if (deliveries == transcript.deliveries.end()) return false;
    for (const Delivery& delivery : deliveries->second) {
        if (delivery.version != version) continue;
        if (!told.insert(delivery.subscription).second) return true;
        if (delivery.sent - *delivery.resource->last_updated() > std::chrono::seconds(3)) return true;
    }
    return false;
}

// Why the store cannot show what the server answered last. "" when nothing explains it.
std::string explain(const Transcript& transcript, const std::string& reference, const engine::Record* record,
                    const Answer& truth) {
    const Commit* told = newest_told(transcript, reference);
    const bool shown = record && record->resource();
    const std::string shown_version = shown ? std::string(record->current().version_id()) : "";
    if (!shown && !told) return "no living subscription matched it";
    if (!shown || !told) return "";
    if (told->deletion()) {
        const bool probed = record->standing == engine::Standing::Checking;
        return truth.version.empty() && probed && looks_like_a_delete(transcript, reference, shown_version)
                   ? "deleted: the event looks like an update, and no GET followed"
                   : "";
    }
    if (shown_version != told->version) return "";
    return truth.version.empty() ? "deleted while no living subscription matched it"
                                 : "changed while no living subscription matched it";
}

struct Comparison {
    std::size_t equal = 0;
    std::map<std::string, std::size_t> explained; // by reason
    std::vector<std::string> unexplained;
};

Comparison compare(const Transcript& transcript, const Records& records) {
    Comparison result;
    for (const auto& [reference, truth] : transcript.last_answer) {
        const auto found = records.find(reference);
        const engine::Record* record = found == records.end() ? nullptr : found->second.get();
        const bool shown = record && record->resource();
        const std::string shown_version = shown ? std::string(record->current().version_id()) : "";
        if (shown_version == truth.version) {
            if (shown && truth.whole && !same_content(*record->resource(), *truth.resource))
                result.unexplained.push_back(reference + " has the server's version with other content");
            else if (record)
                ++result.equal;
            continue; // neither there nor here: a deletion that never concerned us
        }
        const std::string reason = explain(transcript, reference, record, truth);
        if (!reason.empty()) {
            ++result.explained[reason];
        } else {
            result.unexplained.push_back(reference + ": the server has " +
                                         (truth.version.empty() ? "deleted it" : truth.version) + ", the store shows " +
                                         (shown ? shown_version : "nothing"));
        }
    }
    for (const auto& [reference, record] : records) {
        if (transcript.last_answer.contains(reference)) continue;
        // A write whose exchange is not in the transcript: the event alone tells of it.
        const auto told = transcript.deliveries.find(reference);
        if (told != transcript.deliveries.end() && told->second.back().version == record->current().version_id())
            ++result.explained["written by someone else: only the event tells of it"];
        else
            result.unexplained.push_back(reference + " was in no answer and no event of the server");
    }
    return result;
}

std::string text_of(const Comparison& comparison) {
    std::ostringstream text;
    text << comparison.equal << " equal\n";
    for (const auto& [reason, count] : comparison.explained) text << count << " " << reason << "\n";
    for (const auto& line : comparison.unexplained) text << "UNEXPLAINED " << line << "\n";
    return text.str();
}

} // namespace

TEST_CASE("a replayed transcript reaches the state that its import reached") {
    const std::string version = GENERATE("5.0.10", "5.1.26");
    for (const auto& entry : std::filesystem::directory_iterator(std::string(fixtures) + "/medplum-" + version)) {
        if (entry.path().extension() != ".jsonl") continue;
        const std::string name = version + "/" + entry.path().stem().string();
        const Replay replay = replay_fixture(name);
        INFO(name);
        CHECK(replay.replayed.equal == true);
        CHECK(replay.replayed.hash == replay.imported.state_hash);
        CHECK(replay.replayed.inputs == replay.imported.inputs);
    }
}

TEST_CASE("at the end of a transcript the stores show what the server answered last, or could not know it") {
    struct Expected {
        const char* name;
        std::size_t equal;
        std::map<std::string, std::size_t> explained;
    };
    const std::string unmatched = "no living subscription matched it";
    const std::string others = "written by someone else: only the event tells of it";
    const auto expected = GENERATE_COPY(values<Expected>({
        {"5.0.10/happy", 9, {{unmatched, 2}}},
        {"5.0.10/criteria", 11, {{unmatched, 2}}},
        {"5.0.10/errors", 12, {{unmatched, 16}}},
        {"5.0.10/reconnect", 6, {{unmatched, 4}, {others, 39}}},
        {"5.0.10/burst", 201, {}},
        {"5.0.10/poll", 12, {}},
        {"5.1.26/happy", 9, {{unmatched, 2}}},
        {"5.1.26/criteria", 10, {{unmatched, 3}}},
        {"5.1.26/errors", 23, {{unmatched, 17}}},
        {"5.1.26/reconnect", 6, {{unmatched, 4}, {others, 39}}},
        {"5.1.26/poll", 12, {}},
    }));
    const Replay replay = replay_fixture(expected.name);
    const Comparison comparison = compare(Transcript::read(fixture(expected.name)), replay.records);
    INFO(expected.name << "\n" << text_of(comparison));
    CHECK(comparison.unexplained.empty());
    CHECK(comparison.equal == expected.equal);
    CHECK(comparison.explained == expected.explained);
}

TEST_CASE("every version that arrived is shown, or older than what is shown, or waits for a read") {
    for (const char* name : {"5.0.10/happy", "5.0.10/criteria", "5.0.10/errors", "5.0.10/reconnect", "5.0.10/burst",
                             "5.1.26/happy", "5.1.26/criteria", "5.1.26/errors", "5.1.26/reconnect"}) {
        const Replay replay = replay_fixture(name);
        for (const auto& [reference, deliveries] : Transcript::read(fixture(name)).deliveries) {
            INFO(name << " " << reference);
            REQUIRE(replay.records.contains(reference));
            const engine::Record& record = *replay.records.at(reference);
            std::set<std::string> versions;
            ServerTime newest{};
            for (const Delivery& delivery : deliveries) {
                versions.insert(delivery.version);
                newest = std::max(newest, *delivery.resource->last_updated());
            }
            // An answer may have brought one more, and a deletion is one.
            CHECK(record.versions_seen >= versions.size());
            CHECK(record.versions_seen <= versions.size() + 1);
            if (record.resource()) CHECK(record.current().last_updated >= newest);
        }
    }
}

TEST_CASE("a racing resource ends with the server's newest version in spite of its order of arrival") {
    const Replay replay = replay_fixture("5.0.10/burst");
    const Transcript transcript = Transcript::read(fixture("5.0.10/burst"));
    const auto& counters = replay.snapshot->metrics.counters;
    CHECK(counters.out_of_order > 10);

    std::size_t read = 0;
    for (const auto& [reference, truth] : transcript.last_read) {
        INFO(reference);
        REQUIRE(replay.records.contains(reference));
        CHECK(replay.records.at(reference)->current().version_id() == truth.version);
        ++read;
    }
    CHECK(read >= 1);

    const auto& deliveries = transcript.deliveries;
    std::size_t tasks = 0;
    for (const auto& [reference, one] : deliveries) tasks += reference.starts_with("Task/");
    CHECK(tasks == 200);
}

TEST_CASE("a race yields each version that was overtaken, and each write that was refused, as a conflict") {
    const Replay replay = replay_fixture("5.0.10/burst");
    const Transcript transcript = Transcript::read(fixture("5.0.10/burst"));
    std::size_t overtaken = 0;
    for (const auto& [reference, deliveries] : transcript.deliveries) {
        ServerTime newest{};
        for (const Delivery& delivery : deliveries) {
            overtaken += *delivery.resource->last_updated() < newest;
            newest = std::max(newest, *delivery.resource->last_updated());
        }
    }
    std::ifstream lines(fixture("5.0.10/burst"));
    std::size_t refused = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto json = fhir::parse_json(line);
        REQUIRE(json);
        refused += fhir::string_at(*json, "dir") == "http-response" && (*json)["status"].GetInt() == 409;
    }
    const auto count = [&](engine::ConflictKind kind) {
        return replay.snapshot->conflict_counts[static_cast<std::size_t>(kind)];
    };
    CHECK(overtaken > 10);
    CHECK(count(engine::ConflictKind::OutOfOrder) == overtaken);
    CHECK(refused == 101);
    CHECK(count(engine::ConflictKind::VersionConflict) == refused);
    const auto& conflicts = replay.snapshot->conflicts;
    std::size_t seen = 0;
    for (std::size_t i = 0; i < conflicts.size(); ++i) {
        INFO(conflicts[i]->number << " " << conflicts[i]->reference);
        CHECK_FALSE(conflicts[i]->open());
        if (conflicts[i]->kind != engine::ConflictKind::OutOfOrder) continue;
        ++seen;
        CHECK_FALSE(conflicts[i]->members.empty());
    }
    CHECK(seen > 10);
}
