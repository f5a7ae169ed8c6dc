#pragma once
// The log's columns, in the order in which they stand.

#include "gui/ui/grid.hpp"

#include <array>
#include <cstdint>

namespace fhirscope::gui {

enum class LogColumn : std::uint8_t {
    Time,
    Seq,
    Type,
    Resource,
    Version,
    Subscription,
    Channel,
    Outcome,
    Latency,
    Size
};
constexpr std::size_t log_column_count = 10;

inline constexpr std::array<GridColumn, log_column_count> log_columns = {
    {{"time", "Time", 104},
     {"seq", "#", 82, Align::Right},
     {"type", "Type", 62},
     {"resource", "Resource", 78},
     {"version", "Version", 62},
     {"subscription", "Subscription", 120, Align::Left, true},
     {"channel", "Channel", 80},
     {"outcome", "Outcome", 110},
     {"latency", "Latency", 134, Align::Right},
     {"size", "Size", 70, Align::Right}}};

// Below 1100 px.
inline constexpr std::array<LogColumn, 5> narrow_log_columns = {LogColumn::Time, LogColumn::Type, LogColumn::Resource,
                                                                LogColumn::Outcome, LogColumn::Latency};

// Where the view is narrower than its columns, these leave, the first first.
inline constexpr std::array<LogColumn, 5> least_log_columns = {LogColumn::Size, LogColumn::Version, LogColumn::Seq,
                                                               LogColumn::Channel, LogColumn::Subscription};

} // namespace fhirscope::gui
