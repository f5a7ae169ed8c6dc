#pragma once
// What a person asks the engine to do. Commands are inputs like any other, so a recording holds them.

#include "engine/conflict.hpp"
#include "fhir/fields.hpp"

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace fhirscope::engine {

struct Connect { // (again), at once
    template <class A>
    void archive(A&) {}
};
struct Disconnect { // and stay so until Connect
    template <class A>
    void archive(A&) {}
};
struct DropSocket { // closes the socket as a network fault would; recovery follows
    template <class A>
    void archive(A&) {}
};
struct SetFocus { // updates of this type (and this resource) go before others in the queue
    std::string type, reference;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, type, reference);
    }
};
struct ReadResource { // "Local = server?": a GET of one resource
    std::string reference;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, reference);
    }
};
struct AskServer { // one resource and its history are read, because somebody wants it explained: see AskedView
    std::string reference;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, reference);
    }
};
struct Verify { // compares all stores with a full read of the server; see VerifyView
    template <class A>
    void archive(A&) {}
};

struct Edit { // made at once here, and written to the server; a second one of the same resource joins the first
    std::string reference;
    std::vector<fhir::FieldEdit> fields;
    EditMethod method = EditMethod::Put;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, reference, fields, method);
    }
};
struct Resolve { // an open conflict, or (RollBack alone) one that was decided
    enum class Action : std::uint8_t {
        Merge,      // by the choices; what has none takes the side that changed, an overlap the local one
        TakeServer, // drops the local edit; nothing is sent
        KeepLocal,  // overlaps take the local side
        RollBack,   // open: writes the base again. Decided: takes back what the decision changed, and only that
    };
    std::uint64_t conflict = 0;
    Action action = Action::Merge;
    std::vector<std::pair<std::string, fhir::Side>> choices; // by path
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, conflict, action, choices);
    }
};
struct DiscardEdit { // of a resource: takes a pending edit back where it is not on its way
    std::string reference;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, reference);
    }
};
struct SetDefaultStrategy { // for fields without a rule
    std::string name;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, name);
    }
};
struct Leave { // the session is about to end: our Subscriptions are unbound and deleted, and nothing is begun any more
    template <class A>
    void archive(A&) {}
};

using Command = std::variant<Connect, Disconnect, DropSocket, SetFocus, ReadResource, Verify, Edit, Resolve,
                             DiscardEdit, SetDefaultStrategy, AskServer, Leave>;

} // namespace fhirscope::engine
