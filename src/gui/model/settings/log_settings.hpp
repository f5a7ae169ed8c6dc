#pragma once
// What a person set for the log view, to be kept between sessions: filters by name, rules that color rows, columns.

#include "gui/model/settings/settings.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

struct SavedFilter {
    std::string name, filter;

    template <class A>
    void archive(A& a) {
        a("name", name);
        a("filter", filter);
    }
    bool operator==(const SavedFilter&) const = default;
};

// How a row that a rule matches is shown: with one of the guide's meanings (mark, bar and tint), or without color.
enum class RuleLook : std::uint8_t { Strong, Faint, Live, Ok, Attention, Error, Conflict };
inline constexpr std::array<std::pair<std::string_view, RuleLook>, 7> rule_looks = {{{"strong", RuleLook::Strong},
                                                                                     {"faint", RuleLook::Faint},
                                                                                     {"live", RuleLook::Live},
                                                                                     {"ok", RuleLook::Ok},
                                                                                     {"attention", RuleLook::Attention},
                                                                                     {"error", RuleLook::Error},
                                                                                     {"conflict", RuleLook::Conflict}}};

struct ColoringRule {
    std::string filter;
    RuleLook look = RuleLook::Strong;
    bool on = true;

    template <class A>
    void archive(A& a) {
        a("filter", filter);
        a.choice("look", look, SettingsNames<RuleLook>(rule_looks));
        a("on", on);
    }
    bool operator==(const ColoringRule&) const = default;
};

struct LogSettings {
    static constexpr std::string_view name = "log";
    static constexpr std::size_t most_filters = 64, most_rules = 32, longest = 2000; // characters of a filter or name

    std::vector<SavedFilter> filters;
    std::vector<ColoringRule> rules; // the first that matches a row counts
    std::vector<std::string> hidden; // ids of columns

    // A filter that is not understood is kept: the view says what is wrong with it.
    template <class A>
    void archive(A& a) {
        a.list("filters", filters, most_filters);
        a.list("rules", rules, most_rules);
        a("hidden", hidden);
    }
    bool operator==(const LogSettings&) const = default;

    // Adds a filter, or changes the one of this name. False when there are too many, or the name or filter is too long
    // or empty.
    bool save(const std::string& called, const std::string& filter);
    const SavedFilter* named(std::string_view called) const;
    bool shows(std::string_view column) const;
    void show(std::string_view column, bool shown);
};

} // namespace fhirscope::gui
