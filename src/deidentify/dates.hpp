#pragma once
// Dates moved by whole days, in the form that they had.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::deidentify {

using Days = std::chrono::sys_days;

// "1931-02-07", "2026-02", "1931", "2026-02-10T10:30:15.123+01:00" moved; what is before `oldest` becomes `oldest`.
// Of a year alone half a year, and of a month half a month, decides which it becomes. Nothing: it is no date.
std::optional<std::string> shifted_date(std::string_view text, std::chrono::days by, Days oldest);
// "Tue, 10 Feb 2026 10:30:15 GMT"; nothing: it is none.
std::optional<std::string> shifted_http_date(std::string_view text, std::chrono::days by);

} // namespace fhirscope::deidentify
