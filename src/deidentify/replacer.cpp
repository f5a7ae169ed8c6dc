#include "deidentify/replacer.hpp"

#include "deidentify/vocabulary.hpp"
#include "engine/alias.hpp"
#include "fhir/ascii.hpp"
#include "fhir/base64.hpp"
#include "fhir/partial_date.hpp"
#include "fhir/reference.hpp"

#include <algorithm>
#include <initializer_list>

namespace fhirscope::deidentify {

namespace {

// Of the transport: nobody's age.
constexpr Days oldest_of_all = Days{} - std::chrono::days(365 * 200);

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

bool is_digits(std::string_view text, std::size_t longest) {
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, fhir::is_digit);
}

// Its dates are those of the transport, which tell of no patient.
bool is_of_transport(const Place& place) {
    if (is_one_of(place.type, {"Subscription", "SubscriptionStatus", "SubscriptionTopic", "Bundle", "OperationOutcome",
                               "CapabilityStatement"}))
        return true;
    return place.type == "Parameters" && is_one_of(place.part, {"expiration", "timestamp"});
}

// What people write, and what names them.
bool is_free_text(const Place& place) {
    return is_one_of(
        place.name,
        {"text",         "display",      "title",         "description",        "comment",      "line",  "city",
         "district",     "state",        "postalCode",    "patientInstruction", "conclusion",   "alias", "lotNumber",
         "serialNumber", "authorString", "valueMarkdown", "contentString",      "answerString", "unit",  "reason"});
}

bool is_name_of_person(const Place& place) { return is_one_of(place.name, {"family", "given", "prefix", "suffix"}); }

bool is_date_name(std::string_view name) {
    return name == "birthDate" || name == "start" || name == "end" || name.ends_with("DateTime") ||
           name.ends_with("Date") || name == "date";
}

// A code of a list that is made by others, where the list is known.
bool is_term(std::string_view code, std::string_view system) {
    if (!is_public_url(system) || system.find("/sid/us-") != system.npos) return false;
    if (system == "http://snomed.info/sct" || system.ends_with("/rxnorm") || system.ends_with("/cpt"))
        return is_digits(code, 18);
    return code.size() <= 20 &&
           std::ranges::all_of(
               code, [](char c) { return fhir::is_digit(c) || fhir::is_letter(c) || c == '.' || c == '-'; }) &&
           std::ranges::count_if(code, fhir::is_digit) <= 6;
}

// "8867-4": a LOINC is known by its form.
bool is_loinc(std::string_view code) {
    const auto dash = code.rfind('-');
    return dash != code.npos && dash >= 3 && dash <= 5 && is_digits(code.substr(0, dash), 5) &&
           is_digits(code.substr(dash + 1), 1);
}

bool is_time_of_day(std::string_view text) {
    return text.size() == 8 && text[2] == ':' && text[5] == ':' && is_digits(text.substr(0, 2), 2) &&
           is_digits(text.substr(3, 2), 2) && is_digits(text.substr(6, 2), 2);
}

// "VitalSigns": as the names of types are made.
bool looks_like_type(std::string_view text) {
    return text.size() >= 3 && text.size() <= 64 && text[0] >= 'A' && text[0] <= 'Z' &&
           std::ranges::all_of(text, fhir::is_letter);
}

} // namespace

bool is_hidden(std::string_view text) {
    const auto alias = engine::AliasScanner(text).next();
    return alias && alias->begin == 0 && alias->end == text.size() && alias->equal_signs == 0 &&
           is_one_of(alias->kind, {"binding-token", "access-token", "refresh-token", "id-token", "client-secret", "jwt",
                                   "redacted", "foreign", "hidden"});
}

Replacer::Replacer(const std::string& key, std::chrono::days transport)
    : invention_(key), ids_(invention_), transport_(transport) {}

std::string Replacer::value(const Place& place, const std::string& text) {
    if (text.empty() || is_hidden(text)) return text;
    const std::string_view name = place.name;
    if (name == "resourceType") return type(text);
    if (name == "div") return "<div xmlns=\"http://www.w3.org/1999/xhtml\">" + words(text) + "</div>";
    if (place.type == "OperationOutcome" && is_one_of(name, {"text", "diagnostics", "display", "message"}))
        return message(text);
    if (place.parent == "response" && name == "status") return message(text);
    if (is_name_of_person(place)) {
        ++counts_.texts;
        return invention_.name(text);
    }
    if (is_free_text(place)) return is_code(text) && name == "unit" ? text : words(text);
    if (name == "id") return place.type == "OperationOutcome" && is_code(text) ? text : id(text);
    if (name == "versionId") return version(text);
    if (is_one_of(name, {"etag", "ifMatch", "ifNoneMatch"})) return etag(text);
    if (name == "lastUpdated" || (is_one_of(place.parent, {"response", "request"}) && name.starts_with("last")))
        return transport_date(text);
    if (is_one_of(name, {"data", "hash", "valueBase64Binary"})) return removed(text);
    if (place.parent == "telecom" && name == "value") return contact(text);
    if (place.parent.ends_with("dentifier") && name == "value") return identifier(text);
    if (const auto date = fhir::read_partial_date(text);
        date && (date->precision >= fhir::Precision::Month || is_date_name(name))) {
        if (is_of_transport(place)) return transport_date(text);
        if (auto moved = shifted_date(text, place.shift, oldest_)) {
            ++counts_.dates;
            return *moved;
        }
    }
    if (is_code(text) || is_time_of_day(text)) return text;
    if (is_one_of(name, {"eventNumber", "eventsSinceSubscriptionStart"}) ||
        (place.type == "Parameters" && is_one_of(place.part, {"event-number", "events-since-subscription-start"})))
        return is_digits(text, 9) ? text : identifier(text);
    if (name == "code" || name.ends_with("Code")) return code(text, place.object.member("system").string());
    if (is_uuid(text)) return id(text);
    if (is_one_of(name, {"version", "fhirVersion"}) && text.size() <= 8 &&
        text.find_first_not_of("0123456789.") == text.npos)
        return text;
    if (is_one_of(name, {"reference", "url", "fullUrl", "uri", "system", "profile", "criteria", "source", "topic",
                         "valueUri", "valueUrl", "valueCanonical", "valueOid", "instantiatesCanonical",
                         "instantiatesUri", "implicitRules", "location", "smart_style_url", "endpoint"}) ||
        text.find("://") != text.npos || text.starts_with("urn:") || fhir::is_reference(text))
        return address(text);
    return words(text);
}

std::string Replacer::number(const Place& place, std::string_view json) {
    const std::string_view name = place.name;
    if (name == "id") return id(json);
    if (name == "versionId") return version(json);
    const bool is_age = place.parent.ends_with("Age") || place.parent == "age" ||
                        place.object.member("code").is_string("a") || place.object.member("unit").is_string("years");
    if (name == "value" && is_age && json.find_first_not_of("0123456789.") == json.npos && json.size() < 9 &&
        std::stod(std::string(json)) > 89)
        return "90";
    const bool is_measure = name == "value" && is_element(place.parent) && !place.parent.ends_with("dentifier") &&
                            place.parent != "telecom";
    if (is_measure ||
        is_one_of(name, {"total",
                         "size",
                         "count",
                         "rank",
                         "sequence",
                         "score",
                         "length",
                         "height",
                         "width",
                         "frames",
                         "duration",
                         "pages",
                         "factor",
                         "dimensions",
                         "period",
                         "frequency",
                         "repetitions",
                         "eventNumber",
                         "eventsSinceSubscriptionStart",
                         "timeout",
                         "heartbeatPeriod",
                         "maxCount",
                         "expires_in",
                         "lastUpdated",
                         "minutesDuration",
                         "numberOfRepeatsAllowed",
                         "multipleBirthInteger"}) ||
        (place.type == "Parameters" && is_code(place.part)))
        return std::string(json);
    ++counts_.numbers;
    return invention_.number(json);
}

std::string Replacer::member(std::string_view name) {
    const bool shadow = name.starts_with('_');
    if (is_element(shadow ? name.substr(1) : name)) return std::string(name);
    ++counts_.members;
    return (shadow ? "_" : "") + invention_.code(shadow ? name.substr(1) : name);
}

std::string Replacer::id(std::string_view id) {
    if (id.empty() || is_hidden(id)) return std::string(id);
    ++counts_.ids;
    return ids_.map(id);
}

// One of a server's own becomes a name that a type can have.
std::string Replacer::type(std::string_view type) {
    if (is_type(type) || type.empty()) return std::string(type);
    ++counts_.codes;
    if (!looks_like_type(type)) return id(type);
    std::string name = "Own";
    for (std::uint64_t rest = invention_.hash("type", type); rest > 0; rest /= 26)
        name += static_cast<char>('a' + rest % 26);
    return name;
}

std::string Replacer::version(std::string_view version) {
    return is_digits(version, 9) ? std::string(version) : id(version);
}

std::string Replacer::etag(std::string_view etag) {
    const auto begin = etag.find('"'), end = etag.rfind('"');
    if (begin == etag.npos || end <= begin) return version(etag);
    return std::string(begin > 0 && etag.starts_with("W/") ? "W/\"" : "\"") +
           version(etag.substr(begin + 1, end - begin - 1)) + '"';
}

std::string Replacer::words(std::string_view text) {
    if (text.empty()) return {};
    ++counts_.texts;
    return invention_.words(text);
}

std::string Replacer::identifier(std::string_view text) {
    ++counts_.identifiers;
    return invention_.token(text);
}

std::string Replacer::contact(std::string_view text) {
    ++counts_.identifiers;
    if (text.find('@') == text.npos) return invention_.token(text);
    return fhir::lower_ascii(invention_.name(text)) + "@example.org";
}

std::string Replacer::removed(std::string_view data) {
    ++counts_.attachments;
    return fhir::encode_base64("removed " + invention_.code(data), fhir::Base64::Standard);
}

std::string Replacer::code(std::string_view code, std::string_view system) {
    if (code.empty() || is_code(code) || is_loinc(code) || is_term(code, system)) return std::string(code);
    ++counts_.codes;
    return invention_.code(code);
}

std::string Replacer::message(std::string_view text) {
    if (is_plain_message(text)) return std::string(text);
    ++counts_.messages;
    const std::string kept = phrases_in(text);
    return kept.empty() ? invention_.words(text) : kept + ": " + invention_.words(text);
}

std::string Replacer::line(std::string_view text) {
    constexpr std::size_t longest = 512;
    if (is_plain_message(text) && std::ranges::none_of(text, fhir::is_digit)) return std::string(text);
    if (text.size() > longest || !phrases_in(text).empty()) return message(text);
    std::string out;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(" :"), text.size());
        const std::string_view word = text.substr(0, end);
        const bool known = is_code(word) || (is_plain_message(word) && std::ranges::none_of(word, fhir::is_digit));
        out += known ? std::string(word) : id(word);
        out += text.substr(end, 1);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string Replacer::transport_date(std::string_view text) {
    if (const auto moved = shifted_date(text, transport_, oldest_of_all)) return *moved;
    // As some servers write it: with a space for the T, a zone without a colon.
    constexpr std::size_t day_size = 10;
    if (fhir::parse_loose_instant(text))
        if (const auto day = shifted_date(text.substr(0, day_size), transport_, oldest_of_all))
            return *day + std::string(text.substr(day_size));
    return shifted_http_date(text, transport_).value_or("");
}

} // namespace fhirscope::deidentify
