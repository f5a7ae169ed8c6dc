#pragma once
// What reports on incidents and explanations have in common: times, links, checks and advice as text and as JSON.

#include "diagnosis/finding.hpp"
#include "fhir/harmless.hpp"
#include "fhir/json_writer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::diagnosis {

std::string instant_text(LocalTime at); // "2026-02-10T10:30:15.123Z"
// Without the backticks round names, which only the window draws.
std::string plain_text(std::string text);
// " [Task/1]", " [frame 12]"; nothing where it leads nowhere or to the connection.
void add_link(fhir::Text& text, const Link& link);
// "1. Reconnect. Binds anew and searches." in lines that begin with `indent`.
void add_advice(fhir::Text& text, const std::vector<Advice>& all, std::string_view indent);

void write_time(fhir::JsonWriter& json, std::string_view member, LocalTime at); // null: the epoch
void write_link(fhir::JsonWriter& json, const Link& link);                      // the member "link"
void write_check(fhir::JsonWriter& json, std::string_view member, const Check& check);
void write_evidence(fhir::JsonWriter& json, const std::vector<Evidence>& all); // the member "evidence"
void write_advice(fhir::JsonWriter& json, const std::vector<Advice>& all);     // the member "advice"

} // namespace fhirscope::diagnosis
