#pragma once
// The judgements of many seeds: recall and precision of causes, the time to the right one, and what was taken for what.

#include "fhir/harmless.hpp"
#include "fhir/json_writer.hpp"
#include "simulation/runner.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fhirscope::simulation {

class DiagnosisTally {
public:
    // Seeds above are held out: their figures are reported, and nobody looks at their mistakes one by one.
    static constexpr std::uint64_t last_known_seed = 1'000'000;

    void add(const Scenario& scenario, const Judgement& judgement);

    struct Counts {
        std::uint64_t named = 0, among = 0, by_loss = 0, under = 0, missed = 0;
        std::uint64_t with_effect() const { return named + among + by_loss + under + missed; }
        double recall() const;       // percent: of those with an effect, named, among or told by their losses
        double named_recall() const; // … only named or among
    };
    struct Said { // incidents
        std::uint64_t right = 0, among = 0, wrong = 0, out_of_time = 0, changed = 0;
        std::uint64_t elsewhere = 0;       // right, but told of other types than were concerned
        std::vector<VirtualTime> misled{}; // of those that are right and were not at first: how long
        std::uint64_t all() const { return right + among + wrong; }
        double precision() const;        // percent
        double elsewhere_part() const;   // percent of those that are right
        double out_of_time_part() const; // likewise
    };
    std::uint64_t seeds() const { return seeds_; }
    Counts recall() const;
    const Said& precision() const { return alarms_; } // of incidents above information
    VirtualTime took(unsigned percent) const;         // of all faults that were named

    void write(fhir::Text& text, bool with_examples) const;
    void write_members(fhir::JsonWriter& json) const;

private:
    struct OfFault {
        Counts counts;
        std::uint64_t planted = 0, without_effect = 0, benign = 0;
        std::vector<VirtualTime> took;
    };
    struct Example {
        std::size_t faults = 0; // in all: the fewer, the plainer
        std::uint64_t seed = 0;
        auto operator<=>(const Example&) const = default;
    };
    struct Confusion {
        std::uint64_t count = 0;
        std::vector<Example> examples;
        std::map<FaultKind, std::uint64_t> near; // of a wrong cause: what happened then
        void add(Example example);
    };
    using Told = std::optional<diagnosis::CauseCode>; // nullopt: nothing
    static std::string_view name_of(Told told);
    std::vector<std::pair<std::pair<FaultKind, Told>, const Confusion*>> missed() const;
    void write_faults(fhir::Text& text) const;
    void write_mistakes(fhir::Text& text, bool with_examples) const;

    std::uint64_t seeds_ = 0;
    std::array<OfFault, fault_kinds> faults_;
    std::map<server::Behaviour, std::pair<Counts, Said>> behaviours_;
    std::map<std::pair<FaultKind, Told>, Confusion> told_; // of the faults with an effect: what they were called
    std::map<std::pair<FaultKind, Told>, Confusion> missed_;
    std::map<diagnosis::CauseCode, Confusion> wrong_; // above information
    Said alarms_, infos_;
};

} // namespace fhirscope::simulation
