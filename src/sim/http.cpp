#include "sim/http.hpp"

#include "fhir/criteria.hpp"

#include <algorithm>
#include <cctype>

namespace fhirscope::sim {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view find_header(const Headers& headers, std::string_view name) {
    for (const auto& [key, value] : headers)
        if (equal_ignoring_case(key, name)) return value;
    return {};
}

} // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string lower_case(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

std::string_view Request::header(std::string_view name) const { return find_header(headers, name); }
std::string_view Response::header(std::string_view name) const { return find_header(headers, name); }

std::string encode_query(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string result;
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        bool plain =
            (std::isalnum(byte) != 0 && byte < 128) || std::string_view("-_.~,").find(c) != std::string_view::npos;
        if (plain) {
            result += c;
        } else {
            result += '%';
            result += digits[byte >> 4];
            result += digits[byte & 15];
        }
    }
    return result;
}

Parameters Parameters::parse(std::string_view text) {
    Parameters result;
    while (!text.empty()) {
        auto end = text.find('&');
        auto item = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (item.empty()) continue;
        auto equals = item.find('=');
        auto value = equals == std::string_view::npos ? std::string_view{} : item.substr(equals + 1);
        result.items.emplace_back(fhir::percent_decode(item.substr(0, equals)), fhir::percent_decode(value));
    }
    return result;
}

const std::string* Parameters::find(std::string_view name) const {
    for (const auto& [key, value] : items)
        if (key == name) return &value;
    return nullptr;
}

std::string Parameters::get(std::string_view name) const {
    auto value = find(name);
    return value ? *value : std::string();
}

void Parameters::set(std::string_view name, std::string value) {
    remove(name);
    items.emplace_back(name, std::move(value));
}

void Parameters::remove(std::string_view name) {
    std::erase_if(items, [&](const auto& item) { return item.first == name; });
}

std::string Parameters::sorted() const {
    auto ordered = items;
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::string text;
    for (const auto& [name, value] : ordered) {
        if (!text.empty()) text += '&';
        text += name + "=" + encode_query(value);
    }
    return text;
}

Target Target::parse(std::string_view text) {
    Target target;
    auto question = text.find('?');
    if (question != std::string_view::npos) target.query = text.substr(question + 1);
    auto path = text.substr(0, question);
    while (!path.empty()) {
        auto end = path.find('/');
        if (auto segment = path.substr(0, end); !segment.empty())
            target.segments.push_back(fhir::percent_decode(segment));
        path = end == std::string_view::npos ? std::string_view{} : path.substr(end + 1);
    }
    return target;
}

} // namespace fhirscope::sim
