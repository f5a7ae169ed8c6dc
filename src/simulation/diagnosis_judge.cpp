#include "simulation/diagnosis_judge.hpp"

#include "diagnosis/causes/table.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

namespace fhirscope::simulation {

namespace {

using diagnosis::CauseCode;
using diagnosis::Severity;

struct Stretch {
    VirtualTime begin{0}, end{0};
};

// From the fault to the last that it did.
Stretch stretch_of(const FaultTrace& trace) {
    return {trace.fault.at, std::max({trace.fault.at, trace.fault.end(), trace.last})};
}

bool meets(const SeenIncident& incident, const Stretch& stretch, const JudgeBounds& bounds) {
    return incident.from <= stretch.end + bounds.after && incident.to >= stretch.begin - bounds.before;
}

// A clock that was set stays wrong.
bool lasts(const Fault& fault) {
    return fault.kind == FaultKind::LocalClockJump || fault.kind == FaultKind::ClientSuspended ||
           fault.kind == FaultKind::ServerClockJump || fault.kind == FaultKind::ServerSkew;
}

// Types of resources, whose names begin so, and no word like "sockets".
bool is_type(std::string_view concerned) { return !concerned.empty() && concerned[0] >= 'A' && concerned[0] <= 'Z'; }

// What concerned single types only is told of one of them, or of all.
bool is_in_scope(const SeenIncident& incident, const FaultTrace& trace) {
    const auto& concerned = trace.concerned;
    if (incident.scope.empty() || concerned.empty()) return true;
    if (!std::all_of(concerned.begin(), concerned.end(), is_type)) return true;
    return std::any_of(concerned.begin(), concerned.end(), [&](const std::string& type) {
        // In criteria, a type or a reference: where letters follow, it is another type.
        for (auto at = incident.scope.find(type); at != std::string::npos; at = incident.scope.find(type, at + 1)) {
            const char next = at + type.size() < incident.scope.size() ? incident.scope[at + type.size()] : ' ';
            if (!std::isalpha(static_cast<unsigned char>(next))) return true;
        }
        return false;
    });
}

// How long it had other causes before it came to be right.
VirtualTime misled_by(const SeenIncident& incident, const CauseSet& causes) {
    VirtualTime time{0};
    for (std::size_t i = 0; i + 1 < incident.said.size(); ++i) {
        const CauseCode cause = incident.said[i].cause;
        if (cause != CauseCode::NotKnown && !causes.contains(cause))
            time += incident.said[i + 1].since - incident.said[i].since;
    }
    return time;
}

bool names_one_of(const SeenIncident& incident, const CauseSet& causes) { return causes.contains(incident.cause); }

bool offers_one_of(const SeenIncident& incident, const CauseSet& causes) {
    return std::any_of(
        incident.alternatives.begin(), incident.alternatives.end(),
        [&](CauseCode cause) { return causes.contains(cause); });
}

class Court {
public:
    Court(const std::vector<FaultTrace>& faults, const std::vector<SeenIncident>& incidents, const JudgeBounds& bounds)
        : incidents_(incidents), bounds_(bounds) {
        for (const FaultTrace& trace : faults) {
            result_.faults.push_back({.trace = trace});
            expected_.push_back(expectation(trace));
        }
    }

    Judgement go() {
        for (const SeenIncident& incident : incidents_) judge_incident(incident);
        for (std::size_t i = 0; i < result_.faults.size(); ++i) judge_fault(result_.faults[i], expected_[i]);
        return std::move(result_);
    }

private:
    void judge_incident(const SeenIncident& incident) {
        JudgedIncident judged{.incident = incident, .verdict = IncidentVerdict::Wrong};
        std::vector<Fault> named, offered, near;
        Stretch hull{VirtualTime::max(), VirtualTime::min()};
        CauseSet accepted;
        bool in_scope = false;
        for (std::size_t i = 0; i < result_.faults.size(); ++i) {
            const FaultTrace& trace = result_.faults[i].trace;
            Stretch stretch = stretch_of(trace);
            if (incident.cause == CauseCode::ClockSkew && lasts(trace.fault)) stretch.end = VirtualTime::max() / 2;
            if (!meets(incident, stretch, bounds_)) continue;
            near.push_back(trace.fault);
            CauseSet causes = expected_[i].right;
            causes.add(expected_[i].also);
            if (names_one_of(incident, causes))
                named.push_back(trace.fault);
            else if (offers_one_of(incident, causes))
                offered.push_back(trace.fault);
            else
                continue;
            accepted.add(causes);
            in_scope = in_scope || is_in_scope(incident, trace);
            hull = {std::min(hull.begin, stretch.begin), std::max(hull.end, stretch.end)};
        }
        if (!named.empty())
            judged.verdict = IncidentVerdict::Right, judged.around = std::move(named);
        else if (!offered.empty())
            judged.verdict = IncidentVerdict::Among, judged.around = std::move(offered);
        else
            judged.around = std::move(near);
        if (judged.verdict != IncidentVerdict::Wrong) {
            judged.in_time = incident.from >= hull.begin - bounds_.before && incident.to <= hull.end + bounds_.lasts;
            judged.in_scope = in_scope;
            judged.misled = misled_by(incident, accepted);
        }
        result_.incidents.push_back(std::move(judged));
    }

    void judge_fault(JudgedFault& fault, const Expectation& expected) {
        const FaultTrace& trace = fault.trace;
        if (expected.after == 0) {
            fault.verdict = FaultVerdict::Benign;
            return;
        }
        if (trace.effects < expected.after) {
            fault.verdict = FaultVerdict::WithoutEffect;
            return;
        }
        const VirtualTime seen = trace.times[std::min<std::size_t>(expected.after, trace.times.size()) - 1];
        fault.verdict = FaultVerdict::Missed;
        if (find(fault, FaultVerdict::Named, seen,
                 [&](const JudgedIncident& i) { return names_one_of(i.incident, expected.right); }))
            return;
        if (find(fault, FaultVerdict::Among, seen,
                 [&](const JudgedIncident& i) { return offers_one_of(i.incident, expected.right); }))
            return;
        // Put right before anything was asked that would have told, it cannot be told from a lossy way.
        constexpr auto says_loss = [](CauseCode cause) {
            return cause == CauseCode::EventsLost || cause == CauseCode::DeletionsSilent;
        };
        if (trace.lost == trace.effects && find(fault, FaultVerdict::ByLoss, seen, [&](const JudgedIncident& i) {
                return says_loss(i.incident.cause) ||
                       std::any_of(i.incident.alternatives.begin(), i.incident.alternatives.end(), says_loss);
            }))
            return;
        for (std::size_t i = 0; i < result_.incidents.size(); ++i) {
            const JudgedIncident& judged = result_.incidents[i];
            if (!meets(judged.incident, stretch_of(trace), bounds_)) continue;
            if (judged.verdict == IncidentVerdict::Right && judged.incident.severity > Severity::Info &&
                judged.incident.from <= trace.times.front() && judged.incident.to >= trace.last) {
                fault.verdict = FaultVerdict::Under;
                fault.incident = i;
                return;
            }
            // What a person was told instead: the worst of what is wrong.
            if (judged.verdict == IncidentVerdict::Wrong &&
                (!fault.incident || judged.incident.severity > result_.incidents[*fault.incident].incident.severity))
                fault.incident = i;
        }
    }

    // The one that was decided first.
    template <class Fits>
    bool find(JudgedFault& fault, FaultVerdict verdict, VirtualTime seen, Fits fits) {
        for (std::size_t i = 0; i < result_.incidents.size(); ++i) {
            const JudgedIncident& judged = result_.incidents[i];
            if (!meets(judged.incident, stretch_of(fault.trace), bounds_) || !fits(judged)) continue;
            if (fault.incident && result_.incidents[*fault.incident].incident.decided <= judged.incident.decided)
                continue;
            fault.incident = i;
        }
        if (!fault.incident) return false;
        fault.verdict = verdict;
        fault.took = std::max(VirtualTime(0), result_.incidents[*fault.incident].incident.decided - seen);
        return true;
    }

    const std::vector<SeenIncident>& incidents_;
    const JudgeBounds& bounds_;
    std::vector<Expectation> expected_;
    Judgement result_;
};

} // namespace

std::string describe(const SeenIncident& incident) {
    const auto seconds = [](VirtualTime time) { return static_cast<double>(time.count()) / 1e6; };
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.3f to %.3f s%s: ", seconds(incident.from), seconds(incident.to),
                  incident.open ? " and on" : "");
    std::string text = buffer + incident.headline + " (" + std::string(diagnosis::to_string(incident.cause));
    for (const CauseCode cause : incident.alternatives) text += " or " + std::string(diagnosis::to_string(cause));
    std::snprintf(buffer, sizeof buffer, ", decided at %.3f s)", seconds(incident.decided));
    return text + buffer;
}

std::string_view to_string(FaultVerdict verdict) {
    switch (verdict) {
        case FaultVerdict::WithoutEffect:
            return "without effect";
        case FaultVerdict::Benign:
            return "benign";
        case FaultVerdict::Named:
            return "named";
        case FaultVerdict::Among:
            return "among";
        case FaultVerdict::ByLoss:
            return "by its losses";
        case FaultVerdict::Under:
            return "under another";
        case FaultVerdict::Missed:
            return "missed";
    }
    return "?";
}

Judgement judge(const std::vector<FaultTrace>& faults, const std::vector<SeenIncident>& incidents,
                const JudgeBounds& bounds) {
    return Court(faults, incidents, bounds).go();
}

} // namespace fhirscope::simulation
