#include "server/http.hpp"

#include "fhir/ascii.hpp"
#include "fhir/percent.hpp"

namespace fhirscope::server {

namespace {

std::string_view find_header(const Headers& headers, std::string_view name) {
    for (const auto& [key, value] : headers)
        if (fhir::equal_ignoring_case(key, name)) return value;
    return {};
}

} // namespace

std::string_view Request::header(std::string_view name) const { return find_header(headers, name); }
std::string_view Response::header(std::string_view name) const { return find_header(headers, name); }

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
    std::erase_if(
        items, [&](const auto& item) { return item.first == name; });
}

std::string Parameters::sorted() const {
    auto ordered = items;
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::string text;
    for (const auto& [name, value] : ordered) {
        if (!text.empty()) text += '&';
        text += name + "=" + fhir::percent_encode(value, ",");
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

} // namespace fhirscope::server
