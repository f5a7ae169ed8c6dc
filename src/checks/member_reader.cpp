#include "checks/member_reader.hpp"

#include "query/moment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace fhirscope::checks {

namespace {

std::string quoted_name(std::string_view name) { return "\"" + std::string(name) + "\""; }

} // namespace

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

MemberReader::MemberReader(const rapidjson::Value& json, fhir::Slice place) : json_(json), place_(place) {
    if (!json.IsObject()) wrong("must be an object");
}

void MemberReader::allow(std::string_view of, std::initializer_list<std::string_view> members) {
    constexpr std::array<std::string_view, 5> everywhere{"expect", "name", "note", "from", "to"};
    if (!json_.IsObject()) return;
    const bool is_expectation = json_.HasMember("expect");
    std::vector<std::string> known(members.begin(), members.end());
    if (is_expectation) known.insert(known.end(), everywhere.begin(), everywhere.end());
    std::vector<std::string> seen;
    for (const auto& member : json_.GetObject()) {
        const std::string name(member.name.GetString(), member.name.GetStringLength());
        if (std::find(known.begin(), known.end(), name) == known.end())
            wrong(std::string(of) + " takes no " + quoted_name(name) + ", but: " + listed(known), name);
        if (std::find(seen.begin(), seen.end(), name) != seen.end()) wrong(quoted_name(name) + " is there twice", name);
        seen.push_back(name);
    }
}

const rapidjson::Value* MemberReader::find(const char* name) const {
    if (!json_.IsObject()) return nullptr;
    const auto member = json_.FindMember(name);
    return member == json_.MemberEnd() ? nullptr : &member->value;
}

std::string MemberReader::text(const char* name) {
    const rapidjson::Value* value = find(name);
    if (value == nullptr) return {};
    if (!value->IsString() || value->GetStringLength() == 0)
        return wrong(quoted_name(name) + " must be a string that says something", name), std::string();
    return {value->GetString(), value->GetStringLength()};
}

std::vector<std::string> MemberReader::texts(const char* name) {
    const rapidjson::Value* value = find(name);
    if (value == nullptr) return {};
    if (!value->IsArray()) {
        if (std::string one = text(name); !one.empty()) return {std::move(one)};
        return {};
    }
    std::vector<std::string> all;
    for (const auto& element : value->GetArray()) {
        if (!element.IsString()) return wrong(quoted_name(name) + " must hold strings", name), all;
        all.emplace_back(element.GetString(), element.GetStringLength());
    }
    if (all.empty()) wrong(quoted_name(name) + " must not be empty", name);
    return all;
}

bool MemberReader::yes(const char* name) {
    const rapidjson::Value* value = find(name);
    if (value != nullptr && !value->IsBool()) wrong(quoted_name(name) + " must be true or false", name);
    return value != nullptr && value->IsTrue();
}

std::optional<double> MemberReader::number(const char* name, double least, double most) {
    const rapidjson::Value* value = find(name);
    if (value == nullptr) return std::nullopt;
    const bool whole = least == 0; // a count
    if (!value->IsNumber() || value->GetDouble() < least || value->GetDouble() > most ||
        (whole && value->GetDouble() != std::floor(value->GetDouble()))) {
        wrong(quoted_name(name) + (whole ? " must be a whole number" : " must be a number above 0, up to 100"), name);
        return std::nullopt;
    }
    return value->GetDouble();
}

std::string MemberReader::choice(const char* name, std::initializer_list<std::string_view> all, bool needed) {
    std::string value = text(name);
    if (value.empty() && !needed) return {};
    if (std::find(all.begin(), all.end(), value) == all.end())
        wrong(quoted_name(name) + " must be one of " + listed({all.begin(), all.end()}), name);
    return value;
}

std::chrono::microseconds MemberReader::length(const char* name, bool needed) {
    const std::string value = text(name);
    if (value.empty()) {
        if (needed) wrong("needs " + quoted_name(name) + ", a length of time such as \"2s\"", name);
        return {};
    }
    const auto length = query::parse_length(value);
    if (!length) wrong(quoted_name(name) + ": " + length.error().message, name);
    return length.value_or(std::chrono::microseconds(0));
}

std::string MemberReader::moment(const char* name) {
    std::string value = text(name);
    if (value.empty()) return value;
    if (const auto moment = query::parse_moment(value, {}); !moment)
        wrong(quoted_name(name) + ": " + moment.error().message, name);
    return value;
}

void MemberReader::wrong(std::string text, std::string_view member) {
    if (!problem_.empty()) return;
    problem_ = std::move(text);
    about_ = member;
}

fhir::Slice MemberReader::where() const {
    const fhir::Slice member = about_.empty() ? fhir::Slice() : place_.member(about_);
    return member.exists() ? member : place_;
}

} // namespace fhirscope::checks
