#pragma once
// Goes through a session, input by input, and says what became of what was expected of it. It has an engine of its own,
// asks no clock and no server: the same inputs and expectations give the same outcomes.

#include "checks/expectation.hpp"
#include "checks/outcome.hpp"
#include "diagnosis/diagnosis.hpp"
#include "engine/engine.hpp"
#include "query/conflict_rows.hpp"

#include <memory>
#include <string>
#include <vector>

namespace fhirscope::checks {

class Judge;

// Thread safety: one thread at a time.
class Evaluator {
public:
    explicit Evaluator(std::vector<ExpectFile> files);
    Evaluator(const Evaluator&) = delete;
    Evaluator& operator=(const Evaluator&) = delete;
    ~Evaluator();

    void step(const engine::Input& input);
    // What there is to say at the end; once, and nothing is stepped afterwards. One for each file, in their order.
    std::vector<Outcomes> conclude();

    // As it is at the end.
    const engine::SnapshotPtr& last() const { return last_look_; }
    const diagnosis::Diagnosis& diagnosis() const { return diagnosis_; }

private:
    struct Watched;
    void begin_session(LocalTime first);
    void pass_boundaries(LocalTime now);
    engine::SnapshotPtr publish();
    void explain(Outcome& outcome, const std::vector<diagnosis::IncidentPtr>& all) const;

    std::vector<ExpectFile> files_;
    std::vector<std::unique_ptr<Watched>> watched_; // all expectations of all files, in their order
    engine::Engine engine_;
    diagnosis::Diagnosis diagnosis_;
    query::ConflictRows conflicts_;
    engine::SnapshotPtr last_look_;
    LocalTime first_, now_, looked_, next_boundary_ = LocalTime::max();
    std::uint64_t inputs_ = 0;
};

} // namespace fhirscope::checks
