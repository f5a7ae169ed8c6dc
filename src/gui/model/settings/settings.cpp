#include "gui/model/settings/settings.hpp"

#include "fhir/json.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace fhirscope::gui {

namespace {

using Kind = fhir::Slice::Kind;
using Members = std::vector<std::pair<std::string, std::string>>;

Members members_of(fhir::Slice object) {
    Members members;
    object.each_member([&](std::string_view name, fhir::Slice value) {
        members.emplace_back(fhir::unescape(name), std::string(value.text()));
    });
    return members;
}

std::string text_of(const Members& members) {
    fhir::JsonWriter json;
    json.object();
    for (const auto& [name, value] : members) json.raw(name, value);
    json.end();
    return json.take();
}

bool is_default(const std::string& text) { return text.empty() || text == "{}"; }

} // namespace

void SettingsReader::wrong(fhir::Slice at, std::string reason) {
    if (problems_ != nullptr) problems_->push_back({at.text(), std::move(reason)});
}

void SettingsReader::operator()(std::string_view member, bool& value) {
    const fhir::Slice at = object_.member(member);
    if (!at.exists()) return;
    if (at.kind() != Kind::Bool) return wrong(at, "\"" + std::string(member) + "\" must be true or false");
    value = at.text() == "true";
}

bool SettingsReader::text_at(std::string_view member, std::string& value) {
    const fhir::Slice at = object_.member(member);
    if (!at.exists()) return false;
    if (at.kind() != Kind::String) {
        wrong(at, "\"" + std::string(member) + "\" must be a text");
        return false;
    }
    value = at.string();
    return true;
}

void SettingsReader::operator()(std::string_view member, std::string& value) { text_at(member, value); }

bool SettingsReader::array_at(std::string_view member, fhir::Slice& array) {
    array = object_.member(member);
    if (array.exists() && array.kind() != Kind::Array) {
        wrong(array, "\"" + std::string(member) + "\" must be a list");
        return false;
    }
    return array.exists();
}

void SettingsReader::operator()(std::string_view member, std::vector<std::string>& value) {
    fhir::Slice array;
    if (!array_at(member, array)) return;
    value.clear();
    array.each_element([&](fhir::Slice element) {
        if (element.kind() != Kind::String)
            return wrong(element, "\"" + std::string(member) + "\" must be a list of texts");
        value.push_back(element.string());
    });
}

bool SettingsReader::number_at(std::string_view member, double& value, double least, double most) {
    const fhir::Slice at = object_.member(member);
    if (!at.exists()) return false;
    const std::string_view text = at.text();
    double read = 0;
    const bool numeric =
        at.kind() == Kind::Number && std::from_chars(text.data(), text.data() + text.size(), read).ec == std::errc{};
    if (!numeric || read < least || read > most) {
        char range[96];
        std::snprintf(range, sizeof range, "\" must be a number from %g to %g", least, most);
        wrong(at, "\"" + std::string(member) + range);
        return false;
    }
    value = read;
    return true;
}

SettingsWriter::SettingsWriter(std::string_view earlier) : members_(members_of(fhir::value_in(earlier))) {}

void SettingsWriter::set(std::string_view member, std::string text) {
    const auto same = [&](const auto& known) { return known.first == member; };
    if (const auto known = std::find_if(members_.begin(), members_.end(), same); known != members_.end())
        known->second = std::move(text);
    else
        members_.emplace_back(member, std::move(text));
}

std::string SettingsWriter::number_text(double value) {
    char text[40];
    const auto written = std::to_chars(text, text + sizeof text, value);
    return {text, written.ptr};
}

void SettingsWriter::operator()(std::string_view member, const std::string& value) { set(member, fhir::quote(value)); }

void SettingsWriter::operator()(std::string_view member, const std::vector<std::string>& value) {
    fhir::JsonWriter json;
    json.array();
    for (const std::string& one : value) json.value(one);
    json.end();
    set(member, json.take());
}

std::string SettingsWriter::text() const { return text_of(members_); }

Result<Settings> Settings::parse(std::string_view text) {
    const auto parsed = fhir::parse_json(text);
    if (!parsed) return fail(ErrorCode::Settings, parsed.error().message, parsed.error().offset);
    if (!parsed->IsObject()) return fail(ErrorCode::Settings, "settings are a JSON object");
    Settings settings;
    settings.sections_ = members_of(fhir::value_in(text));
    return settings;
}

std::string Settings::text() const { return fhir::pretty(text_of(sections_)) + "\n"; }

std::string Settings::section(std::string_view name) const {
    for (const auto& [known, text] : sections_)
        if (known == name) return text;
    return "{}";
}

void Settings::set_section(std::string_view name, std::string text) {
    for (auto& [known, earlier] : sections_) {
        if (known == name) {
            // The file's own layout is no difference.
            if (earlier != text && fhir::pretty(earlier) != fhir::pretty(text)) {
                earlier = std::move(text);
                ++revision_;
            }
            return;
        }
    }
    if (!is_default(text)) {
        sections_.emplace_back(name, std::move(text));
        ++revision_;
    }
}

} // namespace fhirscope::gui
