#pragma once
// Columns that no single resource holds ("derived:…"): what a patient's tasks come to. Which tasks are whose is brought
// up to date with the task records that changed (by comparing the identities of chunks); what they come to is summed up
// when it is asked for, which is only for rows that are shown.

#include "engine/snapshot.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fhirscope::gui {

class TaskSummaries {
public:
    enum Group : std::uint8_t { Waiting, Active, Held, Done, GroupCount };
    struct Summary {
        std::array<std::uint32_t, GroupCount> counts{};
        std::uint32_t urgent = 0; // open tasks that are not routine
        std::uint32_t unconfirmed = 0, in_conflict = 0;
        std::string next_due; // ISO text of the earliest due open task, "" for none
        std::uint32_t open() const { return counts[Waiting] + counts[Active] + counts[Held]; }
    };

    void update(const engine::SnapshotPtr& snapshot);
    // Null when nothing is known of the patient's tasks. Valid until the next update().
    const Summary* of(std::string_view patient_reference) const;

private:
    static constexpr std::uint32_t nobody = UINT32_MAX;
    struct Task {
        std::size_t subject = 0; // a hash of its member "for"
        std::uint32_t patient = nobody;
    };
    struct Patient {
        Summary summary;
        std::vector<std::uint32_t> tasks;
        bool summed_up = false;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    void assign(std::uint32_t task, const engine::Record& record);
    void sum_up(Patient& patient) const;

    engine::SnapshotPtr snapshot_;
    std::size_t store_ = SIZE_MAX;
    std::vector<Task> tasks_;
    mutable std::vector<Patient> patients_; // summed up late
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> by_reference_;
};

} // namespace fhirscope::gui
