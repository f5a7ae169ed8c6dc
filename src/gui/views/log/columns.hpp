#pragma once

// The log's columns, in the order in which they stand.

#include "gui/ui/grid.hpp"

#include <array>
#include <cstdint>

namespace fhirscope::gui {

enum class LogColumn : std::uint8_t {
    time,
    seq,
    type,
    resource,
    version,
    subscription,
    channel,
    outcome,
    latency,
    size
};
constexpr std::size_t log_column_count = 10;

inline constexpr std::array<GridColumn, log_column_count> log_columns = {
    {{"time", "Time", 104},
     {"seq", "#", 82, Align::right},
     {"type", "Type", 62},
     {"resource", "Resource", 78},
     {"version", "Version", 62},
     {"subscription", "Subscription", 120, Align::left, true},
     {"channel", "Channel", 80},
     {"outcome", "Outcome", 110},
     {"latency", "Latency", 134, Align::right},
     {"size", "Size", 70, Align::right}}};

// Below 1100 px.
inline constexpr std::array<LogColumn, 5> narrow_log_columns = {LogColumn::time, LogColumn::type, LogColumn::resource,
                                                                LogColumn::outcome, LogColumn::latency};

// Where the view is narrower than its columns, these leave, the first first.
inline constexpr std::array<LogColumn, 5> least_log_columns = {LogColumn::size, LogColumn::version, LogColumn::seq,
                                                               LogColumn::channel, LogColumn::subscription};

} // namespace fhirscope::gui
