#pragma once
// Reads the members of one JSON object that a person wrote, and keeps the first thing that is wrong, with its place.

#include "fhir/json.hpp"
#include "fhir/slice.hpp"

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::checks {

class MemberReader {
public:
    // Both must outlive it; `place` is the same value in its text.
    MemberReader(const rapidjson::Value& json, fhir::Slice place);

    // Beside those that every expectation may have, no member but these. `of` names the object.
    void allow(std::string_view of, std::initializer_list<std::string_view> members);
    bool has(const char* name) const { return json_.IsObject() && json_.HasMember(name); }
    // What is not there is "", nothing, false; what is there and is of another kind is wrong.
    std::string text(const char* name);
    std::vector<std::string> texts(const char* name); // of one string or a list of them
    bool yes(const char* name);
    std::optional<double> number(const char* name, double least, double most);
    std::string choice(const char* name, std::initializer_list<std::string_view> all, bool needed);
    std::chrono::microseconds length(const char* name, bool needed);
    std::string moment(const char* name); // the text, which query::parse_moment takes

    void wrong(std::string text, std::string_view member = {});
    const std::string& problem() const { return problem_; } // "": nothing
    fhir::Slice where() const;                              // of the problem

private:
    const rapidjson::Value* find(const char* name) const;

    const rapidjson::Value& json_;
    fhir::Slice place_;
    std::string problem_, about_;
};

// "a, b, c"
std::string listed(const std::vector<std::string>& names);

} // namespace fhirscope::checks
