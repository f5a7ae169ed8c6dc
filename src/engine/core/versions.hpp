#pragma once
// Which version is which.

#include "engine/core/part.hpp"
#include "fhir/validate.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::engine {

struct Listed {             // a resource as the server lists it
    std::string version_id; // "" where it is not listed
    ServerTime changed{};   // the epoch likewise
    bool exact = true;
    std::uint64_t content = 0; // content_hash, of types whose versions only their content tells apart
    Fact unreadable;           // why it cannot be read
    RowPtr row;                // where it is not what is shown: a panel's cells, as far as they were listed
    template <class A>
    void archive(A& a) {
        a(version_id, changed, exact, content, unreadable, row);
    }
};

struct Versions {
    std::set<std::string, std::less<>> by_content;    // types whose versions only their content tells apart
    std::map<std::string, RepeatedVersions> repeated; // by type
    std::map<std::string, Flaw> flaws;                // by type and code
    template <class A>
    void archive(A& a) {
        a(by_content, repeated, flaws);
    }
};

enum class Age : std::uint8_t { Older, Tied, Newer, Unknown };
Age age_of(const fhir::Resource& arrived, const Version& than); // by lastUpdated
bool is_same(const State& s, const Version& held, const fhir::Resource& other);
bool has_same_content(const fhir::Resource& one, const fhir::Resource& other); // apart from meta
std::uint64_t content_hash(const fhir::Resource& resource);                    // likewise
bool is_listed_as(const State& s, const Version& held, const Listed& listed);
Listed listed_as(const State& s, const fhir::Resource& resource);
bool is_told_by_content(const State& s, std::string_view type);
// "_elements=id,meta&", or "" where that would not tell versions apart.
std::string listing_elements(const State& s, std::string_view type, std::span<const std::string> also = {});
// What names a version that cannot be used.
std::string version_key(std::string_view version_id, std::optional<ServerTime> changed);
void note_repeated_version(State& s, const Version& held, const fhir::Resource& arrived);
void note_flaws(State& s, const fhir::Resource& resource, std::vector<fhir::Problem> flaws);

} // namespace fhirscope::engine
