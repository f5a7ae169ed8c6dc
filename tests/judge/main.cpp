// Judges the diagnosis over seeds: does it name what the simulator broke, and nothing else?
//   fhirscope_judge FIRST LAST MINUTES FAULTS [CLIENTS [BEHAVIOUR]] [OPTION...]
//     --jobs N                       threads (2)
//     --tell                         each seed in full; --mistakes: those with a wrong verdict
//     --least RECALL PRECISION       percent: fails below them
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
    double recall = 0, precision = 0;
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
        } else if (word.starts_with("--"))
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
        next_ = std::strtoull(words[0].c_str(), nullptr, 10);
        last_ = std::strtoull(words[1].c_str(), nullptr, 10);
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
        const auto falls_short = [&](const simulation::DiagnosisTally& tally) {
            return tally.seeds() > 0 &&
                   (tally.recall().recall() < options_.recall || tally.precision().precision() < options_.precision);
        };
        if (!falls_short(known_) && !falls_short(held_out_)) return broken_ ? 3 : 0;
        std::cerr << "below " << options_.recall << " % of recall or " << options_.precision << " % of precision\n";
        return 3;
    }

private:
    void judge() {
        for (std::uint64_t seed = next_++; seed <= last_; seed = next_++) {
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
    std::uint64_t last_ = 0;
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
        std::cerr << "usage: fhirscope_judge FIRST LAST MINUTES FAULTS [CLIENTS [BEHAVIOUR]] [--jobs N] [--tell] "
                     "[--mistakes] [--least RECALL PRECISION] [--json]\n";
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
