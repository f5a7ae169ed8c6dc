#pragma once
// The server's histories against what clients were told: no acknowledged edit may be lost, and no change of others
// overwritten unseen.

#include "server/server.hpp"
#include "writer.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace fhirscope::edits {

struct Findings {
    std::vector<std::string> problems;
    std::uint64_t versions = 0, by_writers = 0; // in all histories
    std::uint64_t overwrites = 0;               // of another's value, each seen before or said by a conflict
    std::uint64_t brought_back = 0; // written over a deletion that the writer did not know: the server has no
                                    // precondition for that (PROTOCOL A4: PUT undeletes)
};

// Call when everything has settled. Trusts the server and what the writers' users saw, not the engines' merges.
Findings check(const server::EmbeddedServer& server, const std::vector<const Writer*>& writers);

} // namespace fhirscope::edits
