#pragma once
// Judges one expectation while a session is gone through. Private to this folder.

#include "checks/expectation.hpp"
#include "checks/outcome.hpp"
#include "diagnosis/incidents.hpp"
#include "engine/snapshot.hpp"
#include "query/conflict_rows.hpp"

#include <functional>
#include <memory>
#include <string>

namespace fhirscope::checks {

struct Look {
    const engine::Snapshot& snapshot;
    const query::ConflictRows& conflicts;
    LocalTime at;
};

// Its calls: begin, then change and look in the order of time, end; and concluded once, when the session is over.
class Judge {
public:
    Judge() = default;
    Judge(const Judge&) = delete;
    Judge& operator=(const Judge&) = delete;
    virtual ~Judge() = default;

    virtual void begin(const Look&) {}                       // the window begins; nothing of it has happened
    virtual void change(LocalTime, const engine::Change&) {} // of what is shown, at the time of its input
    virtual void look(const Look&) {}                        // now and then, and at the end of the window
    virtual void end(const Look&) {}                         // what happens from here on does not count
    virtual void incidents(const std::vector<diagnosis::IncidentPtr>&, std::uint64_t /*not kept*/) {} // of the session
    virtual void conclude(Outcome& outcome) = 0;
};

std::unique_ptr<Judge> make_judge(const Shows&, LocalTime since); // since: the moment, where there is one
std::unique_ptr<Judge> make_judge(const Live&);
std::unique_ptr<Judge> make_judge(const Count&);
std::unique_ptr<Judge> make_judge(const AllRecovered&);
std::unique_ptr<Judge> make_judge(const Never&);
std::unique_ptr<Judge> make_judge(const Latency&);
std::unique_ptr<Judge> make_judge(const NoIncident&, LocalTime from, LocalTime to);
std::unique_ptr<Judge> make_judge(const ConflictEnds&);
std::unique_ptr<Judge> make_judge(const Order&);

// Rows of the update log that are new in a window, each once.
class NewRows {
public:
    void begin(const engine::Snapshot& snapshot) { next_ = snapshot.updates.end(); }
    void each(const engine::Snapshot& snapshot, const std::function<void(std::uint64_t)>& call);
    std::uint64_t lost() const { return lost_; } // left the log before they were looked at

private:
    std::uint64_t next_ = 0, lost_ = 0;
};

// Phases as they changed in a window, each change once.
class NewTransitions {
public:
    void begin(const engine::Snapshot& snapshot) { seen_ = count(snapshot); }
    void each(const engine::Snapshot& snapshot, const std::function<void(const engine::Transition&)>& call);

private:
    static std::uint64_t count(const engine::Snapshot& snapshot);
    std::uint64_t seen_ = 0;
};

// "2.00 s", "250 ms", and of less than a millisecond "0.312 ms".
std::string length_text(Length length);
std::string counted(std::uint64_t count, std::string_view one, std::string_view many); // "1 update", "6 updates"

} // namespace fhirscope::checks
