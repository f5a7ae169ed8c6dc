#pragma once
// What the faults of a run really did to one client: the simulator's own knowledge, by which the diagnosis is judged.

#include "simulation/fault.hpp"

#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::simulation {

// A fault that concerns the client, with its effects. An effect is an input of the engine that it would not have got,
// or would have got otherwise or later, without the fault: a close, an answer, a frame, a refusal; or a deadline that
// passes since something did not come (the answer to a request, a handshake, a pong, a heartbeat). What happens unseen
// (a Subscription vanishes, an event is dropped) counts from the first answer that tells of it: one that says that the
// Subscription is gone, or that holds a version whose event was lost.
struct FaultTrace {
    static constexpr std::size_t times_kept = 16;

    Fault fault;
    std::vector<VirtualTime> times{};  // of the first effects
    VirtualTime last{0};               // effect
    std::uint64_t effects = 0;         // all
    std::uint64_t lost = 0;            // of these: answers that hold a version whose event was lost, and say no more
    std::set<std::string> concerned{}; // "sockets", "requests", types of resources
};

class FaultEffects {
public:
    // Nothing is noted before the first fault begins, and nothing at all unless this is set.
    bool kept = false;

    void begin(const Fault& fault);
    // An effect of the faults of this kind that hold; when none does, of the one that began last.
    void note(FaultKind kind, VirtualTime now, std::string_view concerned = {});
    // … and of none where none holds.
    void note_held(std::initializer_list<FaultKind> kinds, VirtualTime now, std::string_view concerned);
    // An effect of this fault from `since` on, seen by the next answer or frame that shows the server's time.
    void note_when_heard(const Fault& fault, VirtualTime since) { unheard_.push_back({fault.salt, since}); }
    void heard(VirtualTime now);
    // The event of this version was lost, and nothing tells of it but an answer that holds it, or says that the
    // resource is gone.
    void lose(const std::string& reference, const std::string& version_id, FaultKind kind);
    void answered(std::string_view body, VirtualTime now);
    void found_gone(std::string_view url, VirtualTime now);

    const std::vector<FaultTrace>& traces() const { return traces_; } // by their begin

private:
    // Those that note() counts it for.
    std::vector<FaultTrace*> blamed(FaultKind kind, VirtualTime now);
    static void add(FaultTrace& trace, VirtualTime now, std::string_view concerned);

    std::vector<FaultTrace> traces_;
    struct Unheard {
        std::uint64_t salt = 0;
        VirtualTime since{0};
    };
    std::vector<Unheard> unheard_;
    struct Lost {
        FaultKind kind{};
        std::string reference;
    };
    void find(std::map<std::string, Lost, std::less<>>::iterator lost, VirtualTime now);
    std::map<std::string, Lost, std::less<>> lost_; // by version
};

} // namespace fhirscope::simulation
