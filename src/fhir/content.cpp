#include "fhir/content.hpp"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

namespace fhirscope::fhir {
namespace {

// Escapes no more than keeps the end of a string apart from its characters.
void append_characters(std::string& out, std::string_view raw) {
    if (raw.find('\\') == std::string_view::npos) {
        out += raw;
        return;
    }
    for (const char c : unescape(raw)) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
}

void append_string(std::string& out, std::string_view raw) {
    out += '"';
    append_characters(out, raw);
    out += '"';
}

void append_content(std::string& out, Slice value, Addresses addresses) {
    switch (value.kind()) {
        case Slice::Kind::String:
            append_string(out, value.raw_string());
            break;
        case Slice::Kind::Array:
            out += '[';
            value.each_element([&](Slice element) {
                append_content(out, element, addresses);
                out += ',';
            });
            out += ']';
            break;
        case Slice::Kind::Object: {
            std::vector<std::pair<std::string_view, Slice>> members;
            std::deque<std::string> unescaped; // names, which hardly ever have escapes
            value.each_member([&](std::string_view name, Slice member) {
                if (name.find('\\') != std::string_view::npos) {
                    append_characters(unescaped.emplace_back(), name);
                    name = unescaped.back();
                }
                members.emplace_back(name, member);
            });
            const auto by_name = [](const auto& a, const auto& b) { return a.first < b.first; };
            const auto same_name = [](const auto& a, const auto& b) { return a.first == b.first; };
            std::ranges::stable_sort(members, by_name);
            members.erase(std::unique(members.begin(), members.end(), same_name), members.end());
            const bool cuts_url = addresses == Addresses::ByStem && is_attachment(value);
            out += '{';
            for (const auto& [name, member] : members) {
                out.append(1, '"').append(name).append("\":");
                if (cuts_url && name == "url")
                    append_string(out, address_stem(member.raw_string()));
                else
                    append_content(out, member, addresses);
                out += ',';
            }
            out += '}';
            break;
        }
        default:
            out += value.text();
    }
}

} // namespace

std::string_view address_stem(std::string_view url) { return url.substr(0, url.find('?')); }

bool is_attachment(Slice object) {
    const Slice url = object.member("url");
    if (url.kind() != Slice::Kind::String) return false;
    return object.member("contentType").exists() || object.member("size").exists() || object.member("hash").exists() ||
           object.member("creation").exists() || url.raw_string().find("Signature=") != std::string_view::npos;
}

std::string content_of(Slice value, Addresses addresses) {
    std::string content;
    append_content(content, value, addresses);
    return content;
}

bool is_same_content(Slice a, Slice b, Addresses addresses) {
    if (a.text() == b.text()) return true;
    if (a.kind() != b.kind()) return false;
    return content_of(a, addresses) == content_of(b, addresses);
}

} // namespace fhirscope::fhir
