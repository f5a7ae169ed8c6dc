#pragma once
// What is asked about when a resource is to be explained, and what was found out so far: shared by the stations and the
// conclusion.

#include "diagnosis/explain.hpp"
#include "diagnosis/facts.hpp"
#include "diagnosis/rules.hpp"
#include "engine/certainty.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::diagnosis {

// What is asked about, and what was found out so far.
struct Case {
    const engine::Snapshot& s;
    std::string_view reference;
    fhir::MatchMode mode;
    Explanation& out;
    engine::RecordPtr record{};
    const engine::Version* version = nullptr;     // the shown one
    const engine::UpdateRow* row = nullptr;       // that brought it, where it is kept
    const engine::Rejection* rejection = nullptr; // of a newer version
    std::string difference{};                     // from the server, by a comparison after it was confirmed
    std::optional<std::size_t> subscription{};    // that should have told
    bool watched = false, matches = false, left = false;
    engine::CertaintyView certainty{};
    std::optional<engine::Unheard> unheard{}; // of its type
    const engine::AskedView* asked = nullptr; // where the server was asked about it
    const engine::Untold* untold = nullptr;   // what another client was not told, though the server has it

    bool observing() const { return s.connection.observing; }

    bool pushed() const { return version && version->channel == engine::Channel::Socket; }
    // An event named it, and the read that followed brought it: so Medplum tells of a deletion.
    bool named() const { return row && row->channel == engine::Channel::Read && row->frame != UINT64_MAX; }
    bool told() const { return pushed() || named(); }
    // It was there before this session listened.
    bool was_before() const {
        return version && (version->channel == engine::Channel::Baseline || version->channel == engine::Channel::Cache);
    }
    // What is known is not the newest, or may not be.
    bool old() const { return unsure() || !difference.empty(); }
    // Nothing says that it is still so: nobody knows it, there was a gap, or there is one now.
    bool unsure() const {
        return !record || certainty.certainty == engine::Certainty::MayBeStale || (unheard && !was_asked_since());
    }
    // The server was asked for this explanation, so at least then it was so.
    bool was_asked_since() const { return certainty.certainty == engine::Certainty::Compared && is_answered(); }
    bool out_of_view() const { return record && certainty.certainty == engine::Certainty::OutOfView; }
    bool down() const {
        return s.connection.phase != engine::Phase::Live && !s.connection.observing &&
               s.connection.phase != engine::Phase::Idle;
    }
    bool is_answered() const { return asked && asked->read_at != LocalTime{}; }
    bool is_being_asked() const { return asked && asked->pending; }
    LocalTime changed() const {
        if (version && !version->resource) // of a deletion the time may not be known
            return row && row->changed != ServerTime{} ? local_time(s, row->changed) : LocalTime{};
        return version && version->last_updated ? local_time(s, *version->last_updated) : LocalTime{};
    }
};

void gather(Case& c);
void fill_stations(Case& c); // from the server to the screen
void conclude(Case& c);      // the verdict, by the stations

std::string short_version(std::string_view id);
std::string clock_text(LocalTime at); // "10:30:05 UTC"
// What the answer to another client's own request told.
std::string told_by_answer(const engine::Untold& told);
// What the statement rests on: when the server was last asked, by whatever question.
std::string last_compared(const Case& c);

} // namespace fhirscope::diagnosis
