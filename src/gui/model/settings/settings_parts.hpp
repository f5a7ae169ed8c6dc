#pragma once
// The parts of the settings that belong to the window's frame and to the start page. A view's own part lies beside it.

#include "gui/model/settings/settings.hpp"
#include "gui/model/values.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

// Percent of the monitor's scale.
inline constexpr int least_scale = 75;
inline constexpr int most_scale = 200;
// The next of the usual steps up or down from this percentage; the ends stay where they are.
int next_scale(int percent, int direction);

struct LookSettings {
    static constexpr std::string_view name = "look";
    bool light = false;
    int scale = 100; // percent of the monitor's
    bool reduced_motion = false;

    template <class A>
    void archive(A& a) {
        using Name = std::pair<std::string_view, bool>;
        static constexpr std::array<Name, 2> themes = {{{"dark", false}, {"light", true}}};
        a.choice("theme", light, SettingsNames<bool>(themes));
        a.number("scale", scale, least_scale, most_scale);
        a("reduced-motion", reduced_motion);
    }
    bool operator==(const LookSettings&) const = default;
};

struct LayoutSettings {
    static constexpr std::string_view name = "layout";
    ViewId view = ViewId::Panels;
    bool inspector = true, timeline = true;
    float inspector_width = 360, timeline_height = 140; // pixels at 100 %
    TimelineSpan span = TimelineSpan::TenMinutes;
    bool span_chosen = false;

    template <class A>
    void archive(A& a) {
        using Span = std::pair<std::string_view, TimelineSpan>;
        static constexpr std::array<Span, 4> spans = {{{"1m", TimelineSpan::OneMinute},
                                                       {"10m", TimelineSpan::TenMinutes},
                                                       {"1h", TimelineSpan::OneHour},
                                                       {"all", TimelineSpan::All}}};
        a.choice("view", view, SettingsNames<ViewId>(view_names));
        a("inspector", inspector);
        a.number("inspector-width", inspector_width, 280.0F, 560.0F);
        a("timeline", timeline);
        a.number("timeline-height", timeline_height, 56.0F, 220.0F);
        a.choice("span", span, SettingsNames<TimelineSpan>(spans));
        a("span-chosen", span_chosen);
    }
    bool operator==(const LayoutSettings&) const = default;
};

// What a session may take of the machine, from the next one on.
struct LimitSettings {
    static constexpr std::string_view name = "limits";
    static constexpr int least_memory = 64, most_memory = 1 << 18; // MiB
    int resource_memory = 1024;                                    // of the resources shown, in MiB

    std::uint64_t resource_bytes() const { return static_cast<std::uint64_t>(resource_memory) << 20U; }
    template <class A>
    void archive(A& a) {
        a.number("resource-memory", resource_memory, least_memory, most_memory);
    }
    bool operator==(const LimitSettings&) const = default;
};

struct FilterSettings {
    static constexpr std::string_view name = "filters";
    std::string log;

    template <class A>
    void archive(A& a) {
        a("log", log);
    }
    bool operator==(const FilterSettings&) const = default;
};

// What was open before, the newest first.
struct RecentSettings {
    static constexpr std::string_view name = "recent";
    static constexpr std::size_t most_kept = 12;
    struct Entry {
        Source source = Source::Live;
        std::string title;
        std::string place;      // address (without user and query), path of a recording, or a demo's seed
        std::int64_t began = 0; // seconds since 1970

        template <class A>
        void archive(A& a) {
            using Name = std::pair<std::string_view, Source>;
            static constexpr std::array<Name, 3> sources = {
                {{"live", Source::Live}, {"demo", Source::Demo}, {"recording", Source::Replay}}};
            a.choice("source", source, SettingsNames<Source>(sources));
            a("title", title);
            a("place", place);
            a.number("began", began, std::int64_t(0), std::int64_t(1) << 40U);
        }
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;

    template <class A>
    void archive(A& a) {
        a.list("entries", entries, most_kept);
    }
    // To the front; an earlier one of the same source and place leaves.
    void add(Entry entry);
    bool operator==(const RecentSettings&) const = default;
};

// An address without what may be a secret: user, password, query and fragment.
std::string without_secrets(std::string_view url);

// Everything of the frame's own parts that a file says wrongly.
std::vector<SettingsProblem> check_settings(std::string_view text);

} // namespace fhirscope::gui
