#pragma once
// Conflicts for a synthetic snapshot: three that are open, one of each kind that is not, and many old ones.

#include "support/synthetic_snapshot.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fhirscope::tests {

// 2026-03-12 at this time of day, UTC.
inline LocalTime clock_time(int hour, int minute, int second, int milli) {
    constexpr std::int64_t midnight = 1773273600;
    return LocalTime(std::chrono::seconds(midnight + hour * 3600 + minute * 60 + second) +
                     std::chrono::milliseconds(milli));
}

inline std::string instant_text(LocalTime at) {
    return fhir::format_instant(ServerTime(std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch())));
}

// "5d17c4" becomes a versionId as a server would give it.
inline std::string long_id(std::string_view start) {
    return std::string(start) + std::string(8 - start.size(), '0') + "-52b1-4c0e-9f3a-0d41c2a7e9b0";
}

// The task that three versions of are told apart: as it was, as the person edited it, as somebody else saved it.
struct EditedTask {
    std::string id = "3e92b7d0-1c44-4f5e-8a10-6b2f90aa71c3";

    fhir::ResourcePtr version(std::string_view version_id, LocalTime saved, std::string_view priority, bool note,
                              bool lund) const {
        const std::string owner = lund ? R"({"reference":"Practitioner/7c40e2","display":"K. Lund"})"
                                       : R"({"reference":"Practitioner/19ad33","display":"N. Abadi"})";
        const std::string author = lund ? R"(,"author":{"display":"K. Lund"})" : "";
        return fhir::parse_resource(
                   R"({"resourceType":"Task","id":")" + id + R"(","meta":{"versionId":")" + long_id(version_id) +
                   R"(","lastUpdated":")" + instant_text(saved) + "\"" + author +
                   R"(},"status":"requested","intent":"order","priority":")" + std::string(priority) +
                   R"(","code":{"coding":[{"system":"https://fhirscope.example/kinds","code":"follow-up"}],)" +
                   R"("text":"Follow-up"},"description":"INR follow-up, warfarin dose","for":{"reference":)" +
                   R"("Patient/6e20b9c4","display":"Mei-Ling Tan"},"owner":)" + owner +
                   R"(,"note":[{"text":"INR 2.4"})" + (note ? R"(,{"text":"INR 3.9, hold dose"})" : "") +
                   R"(],"restriction":{"period":{"end":"2026-03-12T16:00:00Z"}}})")
            .value();
    }
    fhir::ResourcePtr base() const { return version("e8a3f2", clock_time(13, 50, 44, 6), "routine", false, false); }
    fhir::ResourcePtr local() const { return version("e8a3f2", clock_time(13, 50, 44, 6), "urgent", true, false); }
    fhir::ResourcePtr server() const { return version("5d17c4", clock_time(14, 31, 2, 140), "asap", false, true); }

    std::vector<fhir::MergeField> fields() const {
        using fhir::Side;
        std::vector<fhir::MergeField> fields(4);
        fields[0] = {"priority", R"("routine")", R"("urgent")", R"("asap")", "", true, false, Side::Server};
        fields[1] = {"owner.reference",
                     R"("Practitioner/19ad33")",
                     R"("Practitioner/19ad33")",
                     R"("Practitioner/7c40e2")",
                     "owner",
                     false,
                     true,
                     Side::Server};
        fields[2] = {"owner.display", R"("N. Abadi")", R"("N. Abadi")", R"("K. Lund")", "owner", false, true,
                     Side::Server};
        fields[3] = {"note[1].text", "", R"("INR 3.9, hold dose")", "", "", false, true, Side::Local};
        return fields;
    }
    engine::RecordPtr record(std::uint32_t index) const {
        auto record = std::make_shared<engine::Record>();
        record->reference = "Task/" + id;
        record->index = index;
        record->changed_at = record->confirmed_at = clock_time(14, 31, 2, 512);
        const fhir::ResourcePtr first = version("41c6d0", clock_time(11, 2, 19, 0), "routine", false, false);
        for (const fhir::ResourcePtr& resource : {first, base(), server()}) {
            auto made = std::make_shared<engine::Version>();
            made->resource = resource;
            made->last_updated = resource->last_updated();
            made->received = record->changed_at;
            record->history.push_back(made);
        }
        record->versions_seen = 3;
        auto row = std::make_shared<engine::Row>();
        row->cells = {id, "Mei-Ling Tan", "INR follow-up, warfarin dose", "requested", "asap", "", "K. Lund"};
        record->row = row;
        return record;
    }
};

class SyntheticConflicts {
public:
    static constexpr std::uint64_t edited = 641; // the number of that about EditedTask

    // Puts conflicts, rules and the edited task into a snapshot.
    explicit SyntheticConflicts(engine::Snapshot& snapshot, std::size_t old = 630) {
        using engine::ConflictKind;
        using engine::ConflictOutcome;
        for (std::size_t i = 0; i < old; ++i) {
            make(clock_time(14, 20, 0, 0) - std::chrono::seconds(14 * (old - i)), ConflictKind::ConcurrentModification,
                 "Task/" + std::to_string(10000000 + i), "Aisha Bello", "status", "merge", ConflictOutcome::Merged);
        }
        make(clock_time(14, 23, 6, 415), ConflictKind::ConcurrentModification, "Task/d7e4031c", "Aisha Bello",
             "priority", "local", ConflictOutcome::Failed)
            .note = {.code = engine::FactCode::Answered, .status = 412};
        make(clock_time(14, 23, 19, 871), ConflictKind::ConcurrentModification, "Task/2a6f8bb7", "Priya Raman",
             "note,due", "merge", ConflictOutcome::Merged);
        make(clock_time(14, 23, 40, 12), ConflictKind::OutOfOrder, "Task/e3c70da4", "Samuel Osei", "status", "newest",
             ConflictOutcome::OlderDropped);
        make(clock_time(14, 23, 58, 660), ConflictKind::Drift, "Patient/1fa86b3d", "Emily Hart", "telecom", "server",
             ConflictOutcome::ReadAgain);
        make(clock_time(14, 24, 25, 903), ConflictKind::VersionConflict, "Task/c91d540e", "Jonas Weber", "owner",
             "server", ConflictOutcome::TookServer);
        make(clock_time(14, 24, 31, 777), ConflictKind::Tie, "Basic/0cd51cb8", "Tomasz Nowak", "value", "server",
             ConflictOutcome::ReadAgain);
        engine::Conflict& undoable =
            make(clock_time(14, 27, 6, 250), ConflictKind::ConcurrentModification, "Task/57be2d91", "Carlos Mendes",
                 "description", "merge", ConflictOutcome::Merged);
        undoable.written = long_id("b04f7e");
        undoable.undo = undoable.server;
        make(clock_time(14, 28, 54, 118), ConflictKind::Drift, "Patient/ab94d06e", "Ingrid Solberg", "address",
             "server", ConflictOutcome::ReadAgain);
        make(clock_time(14, 29, 53, 31), ConflictKind::Drift, "Task/8d0c41f2", "Amara Okafor", "status", "server",
             ConflictOutcome::ReadAgain);
        make(clock_time(14, 30, 31, 96), ConflictKind::DeleteVersusEdit, "Patient/6e20b9c4", "Jonas Weber", "telecom",
             "ask", ConflictOutcome::Waiting)
            .server = nullptr;
        engine::Conflict& main = make(clock_time(14, 31, 2, 512), ConflictKind::ConcurrentModification,
                                      "Task/" + task_.id, "", "priority,owner", "ask", ConflictOutcome::Waiting);
        main.base = task_.base();
        main.local = task_.local();
        main.server = task_.server();
        main.fields = task_.fields();
        main.author = "K. Lund";
        main.edited_at = clock_time(14, 30, 58, 27);
        main.update = snapshot.updates.empty() ? engine::no_update : snapshot.updates.end() - 1800;
        make(clock_time(14, 31, 44, 380), ConflictKind::VersionConflict, "Task/f8d2dba3", "Samuel Osei", "status",
             "ask", ConflictOutcome::Waiting);
        publish(snapshot);
        add_rules(snapshot);
        for (engine::StoreView& store : snapshot.stores) {
            if (store.type == "Task") {
                std::vector<engine::RecordPtr> records;
                for (std::size_t i = 0; i < store.records.size(); ++i) records.push_back(store.records[i]);
                records.push_back(task_.record(static_cast<std::uint32_t>(records.size())));
                store.records = decltype(store.records)::of(std::move(records));
            }
        }
    }

private:
    engine::Conflict& make(LocalTime at, engine::ConflictKind kind, std::string reference, std::string_view patient,
                           std::string_view members, std::string strategy, engine::ConflictOutcome outcome) {
        engine::Conflict made;
        made.number = all_.size() + 1;
        made.at = at;
        made.kind = kind;
        made.outcome = outcome;
        made.strategy = std::move(strategy);
        made.edited_at = at - std::chrono::milliseconds(3400);
        if (!made.open()) made.decided_at = at;
        while (!members.empty()) {
            const std::size_t comma = std::min(members.find(','), members.size());
            made.members.emplace_back(members.substr(0, comma));
            members.remove_prefix(std::min(members.size(), comma + 1));
        }
        made.base = state(reference, patient, "a1b2c3", at - std::chrono::minutes(9), "before");
        made.local = state(reference, patient, "a1b2c3", at - std::chrono::minutes(9), "edited here");
        made.server = state(reference, patient, "c7d8e9", at - std::chrono::milliseconds(210), "saved there");
        const bool order = kind == engine::ConflictKind::OutOfOrder || kind == engine::ConflictKind::Tie ||
                           kind == engine::ConflictKind::Drift;
        if (order) {
            made.base = nullptr;
            made.edited_at = LocalTime{};
        }
        made.reference = std::move(reference);
        all_.push_back(std::move(made));
        return all_.back();
    }

    static fhir::ResourcePtr state(const std::string& reference, std::string_view patient, std::string_view version,
                                   LocalTime saved, std::string_view text) {
        const std::size_t slash = reference.find('/');
        const std::string type = reference.substr(0, slash);
        const std::string who = type == "Patient"
                                    ? R"("name":[{"text":")" + std::string(patient) + R"("}])"
                                    : R"("for":{"reference":"Patient/1","display":")" + std::string(patient) + R"("})";
        return fhir::parse_resource(R"({"resourceType":")" + type + R"(","id":")" + reference.substr(slash + 1) +
                                    R"(","meta":{"versionId":")" + long_id(version) + R"(","lastUpdated":")" +
                                    instant_text(saved) + R"("},)" + who + R"(,"description":")" + std::string(text) +
                                    R"("})")
            .value();
    }

    void publish(engine::Snapshot& snapshot) {
        std::vector<engine::ConflictPtr> pointers;
        for (engine::Conflict& conflict : all_) {
            snapshot.open_conflicts += conflict.open() ? 1 : 0;
            ++snapshot.conflict_counts[static_cast<std::size_t>(conflict.kind)];
            pointers.push_back(std::make_shared<const engine::Conflict>(std::move(conflict)));
        }
        snapshot.conflicts = decltype(snapshot.conflicts)::of(std::move(pointers));
        snapshot.default_strategy = "ask";
    }

    static void add_rules(engine::Snapshot& snapshot) {
        constexpr std::array<std::pair<std::pair<const char*, const char*>, std::uint64_t>, 5> rules = {
            {{{"priority", "ask"}, 31},
             {{"owner", "server"}, 204},
             {{"note", "merge"}, 88},
             {{"status", "furthest"}, 176},
             {{"*", "ask"}, 144}}};
        for (engine::PanelDefinition& panel : snapshot.panels) {
            if (panel.type != "Task") continue;
            panel.conflicts.clear();
            for (const auto& [rule, used] : rules) {
                panel.conflicts.push_back({rule.first, rule.second});
                snapshot.policy_uses.push_back({"Task", rule.first, rule.second, used});
            }
        }
    }

    EditedTask task_;
    std::vector<engine::Conflict> all_;
};

// A synthetic snapshot with conflicts in it.
inline engine::SnapshotPtr publish_with_conflicts(Synthetic& data, std::size_t old = 630) {
    auto snapshot = data.publish();
    SyntheticConflicts(*snapshot, old);
    return snapshot;
}

} // namespace fhirscope::tests
