#pragma once
// The invented clinic's resources as JSON. Internal to src/server.

#include "fhir/json_writer.hpp"
#include "server/clinic_data.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace fhirscope::server {

struct Referred {
    std::string reference, display;
};
void write_reference(fhir::JsonWriter& json, std::string_view member, const Referred& to);

std::string practitioner_text(const data::Staff& who);

struct PatientFacts {
    std::string number;
    std::string_view given, family;
    std::string phone;
    std::string_view gender;
    std::string birth_date;
    std::string_view city, country;
    Referred practitioner;
};
std::string patient_text(const PatientFacts& facts);

struct TaskFacts {
    std::string number;
    std::string_view status, priority;
    const data::TaskKind& kind;
    Referred patient;
    std::string authored, modified, due; // instants
    Referred requester;
    Referred owner; // no reference: nobody
};
std::string task_text(const TaskFacts& facts);

std::string alert_text(const data::AlertKind& kind, std::int64_t value, const Referred& patient,
                       const std::string& created);

} // namespace fhirscope::server
