// What may be written where: the elements of Task and Patient that panels show, and whatever primitive is there.

#include "fhir/edit_rules.hpp"

#include "fhir/json.hpp"
#include "fhir/task.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace fhirscope::fhir {
namespace {

using Codes = std::span<const std::string_view>;
constexpr std::array<std::string_view, 4> priorities{"routine", "urgent", "asap", "stat"};
constexpr std::array<std::string_view, 9> intents{"unknown",      "proposal",       "plan",
                                                  "order",        "original-order", "reflex-order",
                                                  "filler-order", "instance-order", "option"};
constexpr std::array<std::string_view, 4> genders{"male", "female", "other", "unknown"};
constexpr std::array<std::string_view, 7> contact_systems{"phone", "fax", "email", "pager", "url", "sms", "other"};
constexpr std::array<std::string_view, 5> contact_uses{"home", "work", "temp", "old", "mobile"};
constexpr std::array<std::string_view, 7> name_uses{"usual",     "official", "temp",  "nickname",
                                                    "anonymous", "old",      "maiden"};
constexpr std::array<std::string_view, 5> address_uses{"home", "work", "temp", "old", "billing"};

struct Element {
    std::string_view type, path; // "[]" behind the name of a list
    FieldType kind = FieldType::String;
    Codes codes{};
    bool required = false;
};

std::span<const Element> elements() {
    static const std::array<Element, 50> all{{
        {"Task", "status", FieldType::Code, task_states(), true},
        {"Task", "intent", FieldType::Code, intents, true},
        {"Task", "priority", FieldType::Code, priorities},
        {"Task", "description"},
        {"Task", "code.text"},
        {"Task", "statusReason.text"},
        {"Task", "businessStatus.text"},
        {"Task", "owner.reference", FieldType::Reference},
        {"Task", "owner.display"},
        {"Task", "requester.reference", FieldType::Reference},
        {"Task", "requester.display"},
        {"Task", "for.reference", FieldType::Reference},
        {"Task", "for.display"},
        {"Task", "focus.reference", FieldType::Reference},
        {"Task", "focus.display"},
        {"Task", "restriction.period.start", FieldType::DateTime},
        {"Task", "restriction.period.end", FieldType::DateTime},
        {"Task", "executionPeriod.start", FieldType::DateTime},
        {"Task", "executionPeriod.end", FieldType::DateTime},
        {"Task", "authoredOn", FieldType::DateTime},
        {"Task", "lastModified", FieldType::DateTime},
        {"Task", "note[].text", FieldType::Markdown, {}, true},
        {"Task", "note[].time", FieldType::DateTime},
        {"Task", "note[].authorString"},
        {"Patient", "active", FieldType::Boolean},
        {"Patient", "gender", FieldType::Code, genders},
        {"Patient", "birthDate", FieldType::Date},
        {"Patient", "deceasedBoolean", FieldType::Boolean},
        {"Patient", "deceasedDateTime", FieldType::DateTime},
        {"Patient", "name[].use", FieldType::Code, name_uses},
        {"Patient", "name[].text"},
        {"Patient", "name[].family"},
        {"Patient", "name[].given[]"},
        {"Patient", "name[].prefix[]"},
        {"Patient", "name[].suffix[]"},
        {"Patient", "telecom[].system", FieldType::Code, contact_systems},
        {"Patient", "telecom[].use", FieldType::Code, contact_uses},
        {"Patient", "telecom[].value"},
        {"Patient", "address[].use", FieldType::Code, address_uses},
        {"Patient", "address[].text"},
        {"Patient", "address[].line[]"},
        {"Patient", "address[].city"},
        {"Patient", "address[].district"},
        {"Patient", "address[].state"},
        {"Patient", "address[].postalCode"},
        {"Patient", "address[].country"},
        {"Patient", "managingOrganization.reference", FieldType::Reference},
        {"Patient", "managingOrganization.display"},
        {"Patient", "generalPractitioner[].reference", FieldType::Reference},
        {"Patient", "generalPractitioner[].display"},
    }};
    return all;
}

tl::unexpected<Error> no_path(std::string_view path, const std::string& why) {
    return fail("path", "\"" + std::string(path) + "\": " + why);
}

// As the table writes it.
std::string pattern_of(const std::vector<EditStep>& steps) {
    std::string pattern;
    for (const EditStep& step : steps) {
        if (!pattern.empty()) pattern += '.';
        pattern += step.name;
        if (step.element) pattern += "[]";
    }
    return pattern;
}

std::string without_lists(std::string text) {
    for (std::size_t at; (at = text.find("[]")) != std::string::npos;) text.erase(at, 2);
    return text;
}

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

int number_of(std::string_view digits) {
    int value = -1;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

// YYYY, YYYY-MM or YYYY-MM-DD of the calendar (PROTOCOL E4).
bool is_date(std::string_view text) {
    if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
    if (!is_digits(text.substr(0, 4)) || number_of(text.substr(0, 4)) == 0) return false;
    const std::chrono::year year(number_of(text.substr(0, 4)));
    if (text.size() == 4) return true;
    if (text[4] != '-' || !is_digits(text.substr(5, 2))) return false;
    const std::chrono::month month(static_cast<unsigned>(number_of(text.substr(5, 2))));
    if (text.size() == 7) return month.ok();
    if (text[7] != '-' || !is_digits(text.substr(8, 2))) return false;
    return (year / month / std::chrono::day(static_cast<unsigned>(number_of(text.substr(8, 2))))).ok();
}

// hh:mm:ss and a fraction; the rest is left in `text`.
bool takes_time(std::string_view& text) {
    if (text.size() < 8 || text[2] != ':' || text[5] != ':') return false;
    for (const std::size_t at : {0, 3, 6})
        if (!is_digits(text.substr(at, 2))) return false;
    if (number_of(text.substr(0, 2)) > 23 || number_of(text.substr(3, 2)) > 59 || number_of(text.substr(6, 2)) > 60)
        return false;
    text.remove_prefix(8);
    if (!text.starts_with('.')) return true;
    const std::size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
    text.remove_prefix(end);
    return end > 1;
}

bool is_zone(std::string_view text) {
    if (text == "Z") return true;
    return text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':' && is_digits(text.substr(1, 2)) &&
           is_digits(text.substr(4, 2)) && number_of(text.substr(1, 2)) <= 14 && number_of(text.substr(4, 2)) <= 59;
}

bool is_instant(std::string_view text) {
    if (text.size() < 20 || text[10] != 'T' || !is_date(text.substr(0, 10))) return false;
    text.remove_prefix(11);
    return takes_time(text) && is_zone(text);
}

bool is_time(std::string_view text) { return takes_time(text) && text.empty(); }

bool is_code(std::string_view text) {
    return !text.empty() && text.front() != ' ' && text.back() != ' ' &&
           text.find_first_of("\t\r\n") == std::string_view::npos && text.find("  ") == std::string_view::npos;
}

FieldType type_of_present(std::string_view name, Slice value) {
    if (value.kind() == Slice::Kind::Bool) return FieldType::Boolean;
    if (value.kind() == Slice::Kind::Number) {
        const bool whole = value.text().find_first_of(".eE") == std::string_view::npos;
        return whole && name != "value" ? FieldType::Integer : FieldType::Decimal;
    }
    const std::string text = value.string();
    if (text.size() == 10 && is_date(text)) return FieldType::Date;
    if (is_instant(text)) return FieldType::DateTime;
    return FieldType::String;
}

std::string expected(const FieldRule& rule) {
    if (!rule.codes.empty()) {
        std::string list = "one of ";
        for (std::size_t i = 0; i < rule.codes.size(); ++i) list += (i ? ", " : "") + std::string(rule.codes[i]);
        return list;
    }
    switch (rule.type) {
        case FieldType::Date:
            return "a date of the calendar: 2026-02-10, 2026-02 or 2026";
        case FieldType::DateTime:
            return "a date (2026-02-10) or a time with its zone (2026-02-10T09:30:00Z)";
        case FieldType::Instant:
            return "a time with its zone: 2026-02-10T09:30:00.000Z";
        case FieldType::Time:
            return "a time of day: 09:30:00";
        case FieldType::Boolean:
            return "true or false";
        case FieldType::Integer:
            return "a whole number";
        case FieldType::Decimal:
            return "a number";
        case FieldType::Code:
            return "a code without space around it";
        case FieldType::Uri:
            return "an address without spaces";
        case FieldType::Reference:
            return "a reference: Practitioner/123";
        case FieldType::String:
        case FieldType::Markdown:
            return "a text";
    }
    return "";
}

bool is_reference(std::string_view text) {
    const auto slash = text.find('/');
    const bool word = text.find_first_of(" \t\r\n") == std::string_view::npos;
    return word && (text.starts_with('#') || text.starts_with("urn:") ||
                    (slash != std::string_view::npos && slash > 0 && slash + 1 < text.size()));
}

bool fits(const FieldRule& rule, Slice value) {
    const bool is_string = value.kind() == Slice::Kind::String;
    const std::string text = value.string();
    const std::string_view number = value.text();
    switch (rule.type) {
        case FieldType::Boolean:
            return value.kind() == Slice::Kind::Bool;
        case FieldType::Integer:
            return value.kind() == Slice::Kind::Number && number.find_first_of(".eE") == std::string_view::npos &&
                   number.size() <= 11;
        case FieldType::Decimal:
            return value.kind() == Slice::Kind::Number;
        case FieldType::Date:
            return is_string && is_date(text);
        case FieldType::DateTime:
            return is_string && (is_date(text) || is_instant(text));
        case FieldType::Instant:
            return is_string && is_instant(text);
        case FieldType::Time:
            return is_string && is_time(text);
        case FieldType::Code:
            return is_string && is_code(text) &&
                   (rule.codes.empty() || std::ranges::find(rule.codes, text) != rule.codes.end());
        case FieldType::Uri:
            return is_string && !text.empty() && text.find(' ') == std::string::npos;
        case FieldType::Reference:
            return is_string && is_reference(text);
        case FieldType::String:
        case FieldType::Markdown:
            return is_string && text.find_first_not_of(" \t\r\n") != std::string::npos;
    }
    return false;
}

} // namespace

std::string_view to_string(FieldType type) {
    constexpr std::array<std::string_view, 12> names{"string",   "markdown", "code",    "uri",
                                                     "boolean",  "integer",  "decimal", "date",
                                                     "dateTime", "instant",  "time",    "reference"};
    return names[static_cast<std::size_t>(type)];
}

Result<FieldRule> rule_for(const Resource& resource, std::string_view path) {
    const auto steps = parse_edit_path(path);
    if (!steps) return tl::unexpected(steps.error());
    const std::string& first = steps->front().name;
    if (first == "id" || first == "resourceType" || first == "meta")
        return no_path(path, "the server alone sets " + first);
    // As far as it is there.
    Slice value(resource.text());
    bool there = true;
    for (const EditStep& step : *steps) {
        value = there ? value.member(step.name) : Slice();
        if (step.element && value.exists() && value.kind() != Slice::Kind::Array)
            return no_path(path, step.name + " is no list");
        if (step.element && *step.element != "+") {
            const auto place = place_of(value, *step.element);
            if (!place) return no_path(path, step.name + " has no element [" + *step.element + "]");
            std::size_t i = 0;
            Slice found;
            value.each_element([&](Slice element) {
                if (i++ == *place) found = element;
            });
            value = found;
        } else if (step.element) {
            value = Slice();
        }
        there = value.exists();
    }
    const std::string pattern = pattern_of(*steps);
    for (const Element& element : elements())
        if (element.type == resource.type() && element.path == pattern)
            return FieldRule{element.kind, element.codes, element.required};
    for (const Element& element : elements())
        if (element.type == resource.type() && without_lists(std::string(element.path)) == without_lists(pattern))
            return no_path(path, "a list is on the way; " + std::string(element.path) +
                                     " with the number of the element in each [], or + for a new one, is expected");
    if (!there)
        return no_path(
            path, "there is nothing in this " + std::string(resource.type()) + ", and it is no element that is known");
    if (value.kind() == Slice::Kind::Object || value.kind() == Slice::Kind::Array)
        return no_path(path, "it has parts; a single value can be edited");
    return FieldRule{type_of_present(steps->back().name, value), {}, false};
}

Result<void> check_value(const FieldRule& rule, std::string_view path, std::string_view value) {
    if (fits(rule, Slice(value))) return {};
    const Slice given(value);
    const std::string shown = given.kind() == Slice::Kind::String ? given.string() : std::string(value);
    return fail("value", std::string(path) + " cannot be \"" + shown + "\": " + expected(rule) + " is expected");
}

Result<std::string> to_json(const Resource& resource, std::string_view path, std::string_view typed) {
    const auto rule = rule_for(resource, path);
    if (!rule) return tl::unexpected(rule.error());
    if (typed.empty()) {
        if (rule->required) return fail("value", std::string(path) + " cannot be removed: " + expected(*rule));
        return std::string();
    }
    const bool bare =
        rule->type == FieldType::Boolean || rule->type == FieldType::Integer || rule->type == FieldType::Decimal;
    std::string value = bare && parse_json(typed) ? std::string(typed) : quote(typed);
    if (auto checked = check_value(*rule, path, value); !checked) return tl::unexpected(checked.error());
    return value;
}

} // namespace fhirscope::fhir
