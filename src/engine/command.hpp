#pragma once
// What a person asks the engine to do. Commands are inputs like any other, so a recording holds them.

#include <string>
#include <variant>

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
struct LookAt { // updates of this type (and this resource) go before others in the queue
    std::string type, reference;
    template <class A>
    void archive(A& a) {
        a(type, reference);
    }
};
struct ReadResource { // "Local = server?": a GET of one resource
    std::string reference;
    template <class A>
    void archive(A& a) {
        a(reference);
    }
};
struct Verify { // compares all stores with a full read of the server; see VerifyView
    template <class A>
    void archive(A&) {}
};

using Command = std::variant<Connect, Disconnect, DropSocket, LookAt, ReadResource, Verify>;

} // namespace fhirscope::engine
