#pragma once
// Plain values that name what is shown: views, sessions' sources, what is selected, stretches of time.

#include "fhir/time.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fhirscope::gui {

// Where the updates come from; the window names it and nothing else depends on it.
enum class Source { Live, Demo, Replay };

enum class ViewId { Panels, Log, Latency, Conflicts, Connections, Diagnosis, Replay, Profiler };

// As the command line and the settings call them.
inline constexpr std::array<std::pair<std::string_view, ViewId>, 8> view_names = {{{"panels", ViewId::Panels},
                                                                                   {"log", ViewId::Log},
                                                                                   {"latency", ViewId::Latency},
                                                                                   {"conflicts", ViewId::Conflicts},
                                                                                   {"connections", ViewId::Connections},
                                                                                   {"diagnosis", ViewId::Diagnosis},
                                                                                   {"replay", ViewId::Replay},
                                                                                   {"profiler", ViewId::Profiler}}};

// One of view_names.
constexpr std::optional<ViewId> view_by_name(std::string_view name) {
    for (const auto& [known, view] : view_names)
        if (known == name) return view;
    return std::nullopt;
}

// What the inspector shows. Numbers name rows of the snapshot's logs; rows leave at the front, so a lookup may fail.
struct Selection {
    enum class Kind { None, Resource, Update, Frame, Conflict } kind = Kind::None;
    std::string reference;    // resource: "Task/8d0c…"
    std::uint64_t number = 0; // update, frame or conflict
    // Compared to see whether cached text still fits.
    bool operator==(const Selection&) const = default;
};

struct TimeRange {
    LocalTime begin, end;
    bool operator==(const TimeRange&) const = default;
};

enum class TimelineSpan { OneMinute, TenMinutes, OneHour, All };

} // namespace fhirscope::gui
