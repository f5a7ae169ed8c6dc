#pragma once
// The subset of FHIRPath that columns and panel definitions use.

#include "fhir/resource.hpp"
#include "fhir/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::fhir {

// Grammar: a.b.c, [n], first(), last(), where(path = 'literal'), exists(), and `|` for the first alternative that gives
// a value ("name.where(use = 'official').text | name.first().family"). Collections flatten as in FHIRPath. A leading
// resource type ("Task.status") is accepted. Choice elements are written with the type ("valueString") or without
// ("value"). Literals are 'text' (with \' and \\), true, false and numbers.
class Path {
public:
    // Errors: Path, with the offset of the first character that is not understood.
    static Result<Path> parse(std::string_view text);

    // All values: strings unquoted and unescaped, numbers and booleans as written, objects and arrays as JSON text.
    std::vector<std::string> evaluate(const Resource& resource) const;
    // The values joined by ", "; "" where there is none.
    std::string text(const Resource& resource) const;
    // The top-level members that the path reads, a choice element as it is written in the path.
    const std::vector<std::string>& members() const { return members_; }
    // Whether the value may depend on a top-level member ("deceased" does on "deceasedBoolean"): when no member that
    // changed is read, the value did not change.
    bool reads(std::string_view member) const;
    const std::string& source() const { return source_; }

private:
    friend class PathParser;
    struct Step {
        enum class Kind : unsigned char { Member, Index, First, Last, Where, Exists } kind = Kind::Member;
        std::string name;                // Member: its name
        std::size_t index = 0;           // Index
        std::vector<std::string> filter; // Where: the member path compared
        std::string literal;             // Where: what it must equal
    };
    static std::vector<std::string> evaluate(const Resource& resource, const std::vector<Step>& steps);

    std::string source_;
    std::vector<std::vector<Step>> alternatives_;
    std::vector<std::string> members_;
};

} // namespace fhirscope::fhir
