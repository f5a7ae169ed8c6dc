#pragma once

// What a person set for the log view, to be kept between sessions: filters by name, rules that colour rows, columns.

#include "fhir/result.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

struct SavedFilter {
    std::string name, filter;
    bool operator==(const SavedFilter&) const = default;
};

// How a row that a rule matches is shown: with one of the guide's meanings (mark, bar and tint), or without colour.
enum class RuleLook : std::uint8_t { strong, faint, live, ok, attention, error, conflict };
constexpr std::array<std::string_view, 7> rule_look_names = {"strong",    "faint", "live",    "ok",
                                                             "attention", "error", "conflict"};

struct ColouringRule {
    std::string filter;
    RuleLook look = RuleLook::strong;
    bool on = true;
    bool operator==(const ColouringRule&) const = default;
};

struct LogSettings {
    static constexpr std::size_t most_filters = 64, most_rules = 32, longest = 2000; // characters of a filter or name

    std::vector<SavedFilter> filters;
    std::vector<ColouringRule> rules; // the first that matches a row counts
    std::vector<std::string> hidden;  // ids of columns
    bool operator==(const LogSettings&) const = default;

    // Adds a filter, or changes the one of this name. False when there are too many, or the name or filter is too long
    // or empty.
    bool save(const std::string& name, const std::string& filter);
    const SavedFilter* named(std::string_view name) const;
    bool shows(std::string_view column) const;
    void show(std::string_view column, bool shown);
};

// A JSON object: {"filters":[{"name":…,"filter":…}],"rules":[{"filter":…,"look":"attention","on":true}],"hidden":[…]}.
std::string to_json(const LogSettings& settings);
// Members that are not known are left out. A filter that is not understood is kept: the view says what is wrong with
// it. Errors: "settings", with the member and what was expected.
Result<LogSettings> log_settings_from_json(std::string_view json);

} // namespace fhirscope::gui
