#pragma once
// Incidents in words and marks: the same in the table, the bars, the timeline and the inspector.

#include "diagnosis/incidents.hpp"
#include "gui/base/format.hpp"
#include "gui/base/marks.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

Mark state_mark(const diagnosis::Incident& incident);
// Its type or criteria; of one that concerns everything "all 4", the number of subscriptions.
std::string scope_text(const diagnosis::Incident& incident, std::size_t subscriptions);

// How many go on that are more than information.
std::size_t pressing(const diagnosis::Incidents& incidents);
// What is not well in one sentence: the headline of one, the number of several; "" of none.
std::string sentence_of(const diagnosis::Incidents& incidents);

// The resources that it names, in its scope and in its evidence, each once.
std::vector<std::string> resources_of(const diagnosis::Incident& incident);

// A station of the episode as it is drawn. Where the diagnosis said nothing of it, it has what the incident itself
// tells.
struct EpisodeStation {
    enum class Disc { Error, Attention, Info, Noticed, Good, Ended, NotYet, NotKnown };
    std::string_view name; // "Cause"
    Disc disc = Disc::NotKnown;
    std::string what{}, when{}, text{}, source{};
    std::string span{}; // to the next: "within 7 s"; "" where it is not known
    bool good = false;  // from here on all is well again
};
constexpr std::size_t episode_stations = 4;
std::array<EpisodeStation, episode_stations> episode_of(const diagnosis::Incident& incident, LocalTime now);

} // namespace fhirscope::gui
