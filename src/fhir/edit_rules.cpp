#include "fhir/edit_rules.hpp"

#include "fhir/choice.hpp"
#include "fhir/elements.hpp"
#include "fhir/field_value.hpp"
#include "fhir/identity.hpp"
#include "fhir/json.hpp"
#include "fhir/slice.hpp"
#include "fhir/utf8.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace fhirscope::fhir {
namespace {

using namespace std::string_view_literals;

constexpr std::array type_names{"string"sv,  "markdown"sv, "code"sv,     "uri"sv,     "boolean"sv, "integer"sv,
                                "decimal"sv, "date"sv,     "dateTime"sv, "instant"sv, "time"sv,    "Reference"sv};

std::optional<FieldType> type_of_choice(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, FieldType>, 18> types{{
        {"String", FieldType::String},
        {"Markdown", FieldType::Markdown},
        {"Code", FieldType::Code},
        {"Uri", FieldType::Uri},
        {"Url", FieldType::Uri},
        {"Canonical", FieldType::Uri},
        {"Oid", FieldType::Uri},
        {"Uuid", FieldType::Uri},
        {"Boolean", FieldType::Boolean},
        {"Integer", FieldType::Integer},
        {"PositiveInt", FieldType::Integer},
        {"UnsignedInt", FieldType::Integer},
        {"Decimal", FieldType::Decimal},
        {"Date", FieldType::Date},
        {"DateTime", FieldType::DateTime},
        {"Instant", FieldType::Instant},
        {"Time", FieldType::Time},
        {"Id", FieldType::Code},
    }};
    const Choice choice = split_choice(name);
    for (const auto& [type_name, type] : types)
        if (type_name == choice.type) return type;
    return std::nullopt;
}

// What the present value of an unknown element allows: the next one should be of its kind.
FieldType infer_type(std::string_view name, Slice value) {
    if (const auto type = type_of_choice(name)) return *type;
    if (value.kind() == Slice::Kind::Bool) return FieldType::Boolean;
    if (value.kind() == Slice::Kind::Number) return FieldType::Decimal;
    if (name == "reference") return FieldType::Reference;
    const std::string text = value.string();
    // Only full dates: "2026" can as well be a postal code.
    if (is_full_date(text)) return FieldType::Date;
    return is_date_time(text) ? FieldType::DateTime : FieldType::String;
}

bool is_object_or_missing(Slice value) { return !value.exists() || value.kind() == Slice::Kind::Object; }

// Goes down the path in the resource and in what is known of its type.
class TargetFinder {
public:
    TargetFinder(const Resource& resource, std::vector<FieldStep> steps)
        : steps_(std::move(steps)),
          known_(elements_of_type(resource.type())),
          label_(resource.type()),
          here_(value_in(resource.text())) {}

    Result<EditTarget> find() {
        for (std::size_t i = 0; i < steps_.size(); ++i) {
            FieldStep& step = steps_[i];
            const bool is_last = i + 1 == steps_.size();
            const Slice parent = here_;
            const Element* element = find_element(known_, step.name);
            here_ = here_.member(step.name);
            if (!label_.empty()) label_ += '.';
            label_ += step.name;
            if (auto entered = enter(step, element); !entered) return tl::unexpected(entered.error());
            known_ = element == nullptr ? std::span<const Element>() : element->parts;
            if (is_last) return target(step, element, parent);
            if (!is_object_or_missing(here_))
                return fail(ErrorCode::Path, label_ + " has no parts: it is " + kind_of(here_));
            if (!here_.exists() && known_.empty()) return nothing_there();
        }
        return nothing_there();
    }

private:
    static std::string kind_of(Slice value) {
        switch (value.kind()) {
            case Slice::Kind::Array:
                return "a list";
            case Slice::Kind::Object:
                return "an object";
            case Slice::Kind::Null:
                return "null";
            default:
                return "a single value";
        }
    }

    tl::unexpected<Error> nothing_there() const {
        return fail(ErrorCode::Path, label_ + ": nothing is there, and it is no element that can be made here");
    }

    // Into the element of a list that the brackets say.
    Result<void> enter(FieldStep& step, const Element* element) {
        const bool is_list =
            here_.exists() ? here_.kind() == Slice::Kind::Array : element != nullptr && element->is_list;
        if (step.place == FieldStep::Place::Only)
            return is_list ? Result<void>(fail(ErrorCode::Path, label_ + " is a list: write " + step.name +
                                                                    "[0] for its first element, " + step.name +
                                                                    "[+] for a new one"))
                           : Result<void>();
        if (!here_.exists() && element == nullptr) return nothing_there();
        if (!is_list) return fail(ErrorCode::Path, label_ + " is no list: write it without brackets");
        const std::vector<Slice> elements = elements_of(here_);
        if (step.place == FieldStep::Place::Append) {
            if (element == nullptr)
                return fail(ErrorCode::Path, label_ + " is no element that is known here: nothing can be added to it");
            here_ = {};
            label_ += "[+]";
            return {};
        }
        if (step.place == FieldStep::Place::Identity) {
            const auto is_it = [&](Slice one) { return identity_of(one) == step.identity; };
            const auto found = std::ranges::find_if(elements, is_it);
            if (found == elements.end() || std::find_if(found + 1, elements.end(), is_it) != elements.end())
                return fail(ErrorCode::Path, label_ + " has not exactly one element with " + step.identity);
            step.index = static_cast<std::size_t>(found - elements.begin());
            step.place = FieldStep::Place::Index;
            label_ += '[' + step.identity + ']';
        } else {
            if (step.index >= elements.size())
                return fail(ErrorCode::Path, label_ + " has " + std::to_string(elements.size()) +
                                                 " elements, and none with the index " + std::to_string(step.index) +
                                                 " (" + step.name + "[+] is a new one)");
            label_ += '[' + std::to_string(step.index) + ']';
        }
        here_ = elements[step.index];
        return {};
    }

    Result<EditTarget> target(const FieldStep& step, const Element* element, Slice parent) {
        if (here_.kind() == Slice::Kind::Object || here_.kind() == Slice::Kind::Array || !known_.empty()) {
            const std::string example =
                known_.empty() ? "" : ", such as " + label_ + '.' + std::string(known_.front().name);
            return fail(ErrorCode::Path, label_ + " has parts: edit one of them" + example);
        }
        FieldRule rule;
        if (element != nullptr) {
            rule.type = element->type;
            rule.codes = element->codes;
            rule.required = element->presence == Presence::Required;
            if (element->presence == Presence::RequiredBesideOthers)
                parent.each_member(
                    [&](std::string_view name, Slice) { rule.required |= !raw_equals(name, step.name); });
        } else {
            if (!here_.exists() || here_.kind() == Slice::Kind::Null) return nothing_there();
            rule.type = infer_type(step.name, here_);
        }
        return EditTarget{std::move(label_), std::move(steps_), rule};
    }

    std::vector<FieldStep> steps_;
    std::span<const Element> known_; // the elements of the type of `here_`
    std::string label_;
    Slice here_;
};

} // namespace

std::string_view to_string(FieldType type) { return type_names[static_cast<std::size_t>(type)]; }

Result<EditTarget> find_target(const Resource& resource, std::string_view path) {
    auto steps = parse_field_path(path);
    if (!steps) return tl::unexpected(steps.error());
    const std::string& first = steps->front().name;
    if (first == "id" || first == "meta" || steps->back().name == "resourceType")
        return fail(ErrorCode::Path, std::string(resource.type()) + '.' + std::string(path) +
                                         " cannot be edited: it says which resource and which version this is");
    return TargetFinder(resource, std::move(*steps)).find();
}

Result<void> check_value(const EditTarget& target, std::string_view plain) {
    if (plain.empty()) {
        if (target.rule.required) return fail(ErrorCode::Value, target.label + " cannot be removed: it is required");
        return {};
    }
    const std::string expected = expectation_broken(target.rule, plain);
    if (expected.empty()) return {};
    std::string shown(plain);
    cut_utf8(shown, 80);
    return fail(ErrorCode::Value, target.label + " cannot be \"" + shown + "\": " + expected);
}

Result<FieldRule> rule_for(const Resource& resource, std::string_view path) {
    return find_target(resource, path).map([](const EditTarget& target) { return target.rule; });
}

Result<std::string> to_json(const Resource& resource, std::string_view path, std::string_view typed) {
    const auto target = find_target(resource, path);
    if (!target) return tl::unexpected(target.error());
    const FieldType type = target->rule.type;
    const bool is_text = type == FieldType::String || type == FieldType::Markdown;
    const std::size_t begin = typed.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos)
        typed = {}; // what looks empty is
    else if (!is_text)
        typed = typed.substr(begin, typed.find_last_not_of(" \t\r\n") + 1 - begin);
    if (auto checked = check_value(*target, typed); !checked) return tl::unexpected(checked.error());
    if (typed.empty()) return std::string();
    return is_quoted(type) ? quote(typed) : std::string(typed);
}

} // namespace fhirscope::fhir
