#include "simulation/minimise.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::simulation {

namespace {

class Search {
public:
    Search(Minimised start, std::size_t max_runs) : best_(std::move(start)), max_runs_(max_runs) {}

    Minimised go() {
        for (bool shorter = true; shorter;) shorter = leave_out() && best_.runs < max_runs_;
        shorten();
        return std::move(best_);
    }

private:
    bool still_violates(std::vector<Fault> faults) {
        if (best_.runs >= max_runs_) return false;
        Scenario scenario = best_.scenario;
        scenario.faults = std::move(faults);
        ++best_.runs;
        auto verdict = run(scenario);
        if (!verdict.violation || verdict.violation->invariant != best_.violation.invariant) return false;
        best_.scenario = std::move(scenario);
        best_.violation = std::move(*verdict.violation);
        return true;
    }

    // Halves first, then smaller and smaller pieces down to single faults.
    bool leave_out() {
        const std::size_t before = best_.scenario.faults.size();
        for (std::size_t piece = std::max<std::size_t>(before / 2, 1); piece > 0 && !best_.scenario.faults.empty();
             piece /= 2) {
            for (std::size_t at = 0; at < best_.scenario.faults.size();) {
                auto faults = best_.scenario.faults;
                const auto first = faults.begin() + static_cast<std::ptrdiff_t>(at);
                faults.erase(first, first + static_cast<std::ptrdiff_t>(std::min(piece, faults.size() - at)));
                if (!still_violates(std::move(faults))) at += piece;
            }
        }
        return best_.scenario.faults.size() < before;
    }

    void shorten() {
        for (std::size_t i = 0; i < best_.scenario.faults.size(); ++i) {
            for (bool shorter = best_.scenario.faults[i].lasts > std::chrono::milliseconds(200); shorter;) {
                auto faults = best_.scenario.faults;
                faults[i].lasts /= 2;
                shorter = still_violates(std::move(faults)) &&
                          best_.scenario.faults[i].lasts > std::chrono::milliseconds(200);
            }
        }
    }

    Minimised best_;
    const std::size_t max_runs_;
};

} // namespace

Minimised minimise(const Scenario& scenario, const Violation& violation, std::size_t max_runs) {
    return Search({scenario, violation, 0}, max_runs).go();
}

} // namespace fhirscope::simulation
