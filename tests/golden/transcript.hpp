#pragma once
// What a transcript says about the server, read without the engine: which versions were committed and when, what the
// server answered last about each resource, which events came, and when which subscription was alive.

#include "fhir/criteria.hpp"
#include "fhir/resource.hpp"

#include <map>
#include <string>
#include <vector>

namespace fhirscope::tests {

struct Commit {
    ServerTime at;
    std::string version;       // "" for a deletion
    fhir::ResourcePtr content; // of a deletion: what was deleted
    std::string project;       // "": unknown
    bool deletion() const { return version.empty(); }
};

struct Answer {
    std::string version; // "" when the resource is deleted
    fhir::ResourcePtr resource;
    bool whole = false; // not a part of it (_elements, _summary, hidden fields)
    ServerTime at;
};

struct Delivery {
    ServerTime at, sent;
    std::string version, subscription;
    fhir::ResourcePtr resource;
};

struct LiveTime { // from a handshake until the socket or the Subscription ends
    std::string subscription, criteria, project;
    std::string bound;  // 5.1: the criteria as they were at the last bind, which must match, too
    bool plain = false; // without extensions, so its criteria alone say what matches
    ServerTime from, to;
};

struct Transcript {
    static Transcript read(const std::string& path);

    std::map<std::string, std::vector<Commit>> commits;      // by reference, in the order of time
    std::map<std::string, Answer> last_answer;               // by reference; of reads, searches and writes
    std::map<std::string, Answer> last_read;                 // by reference; of reads and searches alone
    std::map<std::string, std::vector<Delivery>> deliveries; // by reference, in the order of arrival
    std::vector<LiveTime> live;

    // Whether a living subscription had to be told of this commit.
    bool had_to_be_told(const Commit& commit) const;
};

} // namespace fhirscope::tests
