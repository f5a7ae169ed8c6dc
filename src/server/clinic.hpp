#pragma once
// An invented cardiology follow-up clinic: people, their tasks, devices that raise alerts, and staff who work.

#include "fhir/random.hpp"
#include "fhir/time.hpp"
#include "server/store.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::server {

// Device alerts are `Basic` resources: search `Basic?code=device-alert`. Their fields are extensions of the top level:
//   …/device-alert-severity   valueCode: info, warning, critical
//   …/device-alert-state      valueCode: active, acknowledged, cleared
//   …/device-alert-device     valueString
//   …/device-alert-message    valueString
//   …/device-alert-value      valueQuantity
// and `subject` is the patient, with display.
inline constexpr std::string_view alert_extension_base = "https://fhirscope.example/StructureDefinition/device-alert-";
inline constexpr std::string_view alert_code_system = "https://fhirscope.example/CodeSystem/kinds";

struct ClinicOptions {
    std::uint64_t seed = 1;
    std::size_t patients = 60;
    std::size_t tasks = 240;
    double rate = 4; // changes a second
};

// Works on a store and on given times only: the same seed, the same times, the same history.
class Clinic {
public:
    Clinic(ClinicOptions options, Store& store);

    // Practitioners, patients, tasks and alerts, their lastUpdated spread over the hours before `now`.
    void populate(ServerTime now);

    // Makes the changes that are due by `now` at the rate; after a pause it does not catch up on what the pause held
    // back. Returns how many were made.
    std::size_t step(ServerTime now);
    // When the next change is due; nullopt while the rate is 0 or the clinic is paused.
    std::optional<ServerTime> next_due() const;
    // One change now. False when there is nothing to work on.
    bool change(ServerTime now);

    void set_rate(double changes_per_second, ServerTime now);
    double rate() const { return rate_; }
    void set_paused(bool paused, ServerTime now);
    bool paused() const { return paused_; }

private:
    struct Person {
        std::string id, reference, display;
    };

    bool advance_task(ServerTime now);
    bool reassign_task(ServerTime now);
    bool reprioritise_task(ServerTime now);
    bool note_on_task(ServerTime now);
    bool new_task(ServerTime now);
    bool edit_patient(ServerTime now);
    bool change_alert(ServerTime now);
    bool new_alert(ServerTime now);
    bool delete_task(ServerTime now);

    void add_task(ServerTime now, ServerTime authored, bool any_status);
    void add_alert(ServerTime when);
    std::optional<std::size_t> some_task();
    void forget_task(std::size_t position);
    bool edit_task(std::size_t position, ServerTime now, const std::function<void(rapidjson::Document&)>& edit);
    Author some_author();
    ServerTime some_time_before(ServerTime now, std::chrono::milliseconds least, std::chrono::milliseconds most);
    ServerTime due_after(ServerTime now);
    void schedule_from(ServerTime now);
    void advance_clock();

    ClinicOptions options_;
    Store& store_;
    Random random_;
    double rate_;
    bool paused_ = false;
    std::int64_t next_us_ = 0; // when the next change is due, microseconds since the epoch
    std::vector<Person> staff_, patients_;
    std::vector<std::string> open_tasks_, alerts_; // ids
    std::deque<std::string> done_tasks_;           // oldest first
    std::uint64_t records_ = 0;                    // for record numbers
};

} // namespace fhirscope::server
