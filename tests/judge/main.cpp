// Judges the diagnosis over seeds: does it name what the simulator broke, and nothing else?
//   fhirscope_judge FIRST LAST MINUTES FAULTS [CLIENTS [BEHAVIOUR]] [OPTION...]
//     --held-out N                   judges the first N seeds above a million, too
//     --jobs N                       threads (2)
//     --tell                         each seed in full; --mistakes: those with a wrong verdict
//     --least RECALL PRECISION       percent: fails below them
//     --elsewhere PERCENT            fails when more of what is right is told of other types than were concerned
//     --out-of-time PERCENT          … begins or ends at another time
//     --alarms N                     fails when there are more incidents above information, right or wrong
//     --json                         the figures as one JSON object
// Seeds above a million are held out: their figures stand apart, without examples.
// Exit codes: 0 judged, 3 below what was asked for or an invariant was broken, 2 wrong usage.

#include "simulation/diagnosis_tally.hpp"
#include "simulation/judgement_text.hpp"

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace fhirscope;

namespace {

struct Options {
    std::vector<std::string> words;
    unsigned jobs = 2;
    bool tell = false, mistakes = false, json = false;
    double recall = 0, precision = 0, elsewhere = 100, out_of_time = 100;
    std::uint64_t alarms = UINT64_MAX, held_out = 0;
};

std::optional<Options> read(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--tell")
            options.tell = true;
        else if (word == "--mistakes")
            options.mistakes = true;
        else if (word == "--json")
            options.json = true;
        else if (word == "--jobs" && i + 1 < argc)
            options.jobs = static_cast<unsigned>(std::strtoul(argv[++i], nullptr, 10));
        else if (word == "--least" && i + 2 < argc) {
            options.recall = std::strtod(argv[++i], nullptr);
            options.precision = std::strtod(argv[++i], nullptr);
        } else if (word == "--elsewhere" && i + 1 < argc)
            options.elsewhere = std::strtod(argv[++i], nullptr);
        else if (word == "--out-of-time" && i + 1 < argc)
            options.out_of_time = std::strtod(argv[++i], nullptr);
        else if (word == "--held-out" && i + 1 < argc)
            options.held_out = std::strtoull(argv[++i], nullptr, 10);
        else if (word == "--alarms" && i + 1 < argc)
            options.alarms = std::strtoull(argv[++i], nullptr, 10);
        else if (word.starts_with("--"))
            return std::nullopt;
        else
            options.words.push_back(word);
    }
    if (options.words.size() < 4 || options.words.size() > 6 || options.jobs == 0) return std::nullopt;
    if (options.words.size() == 6 && !server::parse_behaviour(options.words[5])) return std::nullopt;
    return options;
}

class Judging {
public:
    Judging(const Options& options, const simulation::FaultSet& set) : options_(options), set_(set) {
        const auto& words = options.words;
        first_ = std::strtoull(words[0].c_str(), nullptr, 10);
        const std::uint64_t last = std::strtoull(words[1].c_str(), nullptr, 10);
        asked_for_ = last < first_ ? 0 : last - first_ + 1;
        duration_ = std::chrono::minutes(std::strtol(words[2].c_str(), nullptr, 10));
        if (words.size() > 4) clients_ = static_cast<unsigned>(std::strtoul(words[4].c_str(), nullptr, 10));
        if (words.size() > 5) behaviour_ = server::parse_behaviour(words[5]);
    }

    void go() {
        std::vector<std::thread> threads;
        for (unsigned i = 1; i < options_.jobs; ++i) threads.emplace_back([this] { judge(); });
        judge();
        for (std::thread& thread : threads) thread.join();
    }

    int report() const {
        if (options_.json) {
            fhir::JsonWriter json;
            json.object();
            known_.write_members(json);
            json.object("held_out");
            held_out_.write_members(json);
            json.end().end();
            std::cout << json.take() << "\n";
        } else {
            fhir::Text text;
            if (known_.seeds() > 0) known_.write(text, true);
            if (held_out_.seeds() > 0) {
                text << "held out:\n";
                held_out_.write(text, false);
            }
            std::cout << text.str();
        }
        const bool good = is_good_enough(known_, "known seeds"), also = is_good_enough(held_out_, "held out seeds");
        return good && also && !broken_ ? 0 : 3;
    }

private:
    // Says what falls short.
    bool is_good_enough(const simulation::DiagnosisTally& tally, std::string_view which) const {
        if (tally.seeds() == 0) return true;
        bool good = true;
        const auto want = [&](bool holds, std::string_view what, auto is, std::string_view bound, auto wanted) {
            if (!holds)
                std::cerr << which << ": " << what << " " << is << ", wanted " << bound << " " << wanted << "\n";
            good = good && holds;
        };
        const double recall = tally.recall().recall();
        const auto& said = tally.precision();
        want(recall >= options_.recall, "recall", recall, "at least", options_.recall);
        want(said.precision() >= options_.precision, "precision", said.precision(), "at least", options_.precision);
        want(said.elsewhere_part() <= options_.elsewhere, "told of other types", said.elsewhere_part(), "at most",
             options_.elsewhere);
        want(said.out_of_time_part() <= options_.out_of_time, "begin or end at another time", said.out_of_time_part(),
             "at most", options_.out_of_time);
        want(said.all() <= options_.alarms, "incidents above information", said.all(), "at most", options_.alarms);
        return good;
    }

    void judge() {
        for (std::uint64_t i = next_++; i < asked_for_ + options_.held_out; i = next_++) {
            const std::uint64_t seed =
                i < asked_for_ ? first_ + i : simulation::DiagnosisTally::last_known_seed + 1 + (i - asked_for_);
            auto scenario =
                simulation::draw_scenario(seed, duration_, simulation::Mode::Bounded, set_, clients_, behaviour_);
            scenario.diagnosing = simulation::Diagnosing::Judged;
            const auto verdict = simulation::run(scenario);
            const std::lock_guard lock(mutex_);
            if (verdict.violation) {
                broken_ = true;
                std::cerr << verdict.violation->invariant << " " << seed << ": " << verdict.violation->text << "\n";
            }
            if (!verdict.judgement) continue;
            const bool held_out = seed > simulation::DiagnosisTally::last_known_seed;
            (held_out ? held_out_ : known_).add(scenario, *verdict.judgement);
            if (!held_out && (options_.tell || options_.mistakes))
                std::cout << judgement_text(scenario, *verdict.judgement,
                                            options_.tell ? simulation::Tell::All : simulation::Tell::Mistakes)
                                 .str();
        }
    }

    const Options& options_;
    const simulation::FaultSet& set_;
    std::atomic<std::uint64_t> next_{0};
    std::uint64_t first_ = 0, asked_for_ = 0;
    simulation::VirtualTime duration_{0};
    unsigned clients_ = 1;
    std::optional<server::Behaviour> behaviour_;
    std::mutex mutex_;
    simulation::DiagnosisTally known_, held_out_;
    bool broken_ = false;
};

} // namespace

int main(int argc, char** argv) {
    const auto options = read(argc, argv);
    if (!options) {
        std::cerr
            << "usage: fhirscope_judge FIRST LAST MINUTES FAULTS [CLIENTS [BEHAVIOUR]] [--jobs N] [--tell] "
               "[--mistakes] [--held-out N] [--least RECALL PRECISION] [--elsewhere PERCENT] [--alarms N] [--json]\n";
        return 2;
    }
    const auto set = simulation::FaultSet::parse(options->words[3]);
    if (!set) {
        std::cerr << set.error().message << "\n";
        return 2;
    }
    Judging judging(*options, *set);
    judging.go();
    return judging.report();
}
