#include "fhir/edit.hpp"

#include "fhir/choice.hpp"
#include "fhir/edit_rules.hpp"
#include "fhir/field_value.hpp"
#include "fhir/json.hpp"
#include "fhir/json_node.hpp"
#include "fhir/slice.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::fhir {
namespace {

bool is_nothing(const JsonNode& node) { return !node.exists() || node.is_null(); }

// `x` and `_x` of a list say by position what belongs together (PROTOCOL E4).
void align(JsonNode& shorter, std::size_t size) {
    while (shorter.size() < size) shorter.append().set("null");
}

class Editor {
public:
    explicit Editor(std::string_view text) : root_(text) {}

    void make(const std::vector<FieldStep>& steps, std::string_view value) {
        if (value.empty())
            remove(steps);
        else
            set(steps, value);
    }

    std::string text() const {
        const std::string text = root_.text();
        return text.empty() ? "{}" : text;
    }

private:
    // `_x` of a list `x`.
    static JsonNode* companions_of(JsonNode& parent, const FieldStep& step) {
        JsonNode* companions = parent.find_member('_' + step.name);
        return companions != nullptr && companions->is_array() ? companions : nullptr;
    }

    static void remove_companion(JsonNode& parent, const FieldStep& step) {
        JsonNode* companions = companions_of(parent, step);
        if (companions == nullptr) return;
        const std::size_t size = companions->size();
        if (step.index < size) companions->element(step.index).remove();
        bool are_nothing = true;
        for (std::size_t i = 0; i < size; ++i) are_nothing &= is_nothing(companions->element(i));
        if (are_nothing) companions->remove();
    }

    void set(const std::vector<FieldStep>& steps, std::string_view value) {
        JsonNode* here = &root_;
        for (const FieldStep& step : steps) {
            JsonNode* parent = here;
            drop_other_types(*parent, step.name);
            JsonNode& list = parent->member(step.name);
            here = &list;
            if (step.place == FieldStep::Place::Only) continue;
            if (step.place == FieldStep::Place::Index) {
                align(list, step.index + 1); // an earlier edit may have removed the choice that this is in
                here = &list.element(step.index);
                continue;
            }
            if (JsonNode* companion = companions_of(*parent, step)) {
                align(list, companion->size());
                align(*companion, list.size() + 1);
            }
            here = &list.append();
        }
        here->set(value);
    }

    // Of the types of one choice at most one may be there.
    static void drop_other_types(JsonNode& parent, std::string_view name) {
        const Choice choice = split_choice(name);
        if (choice.element.empty()) return;
        parent.each_member([&](std::string_view other, JsonNode& node) {
            const std::string_view other_name = other.substr(other.starts_with('_') ? 1 : 0);
            if (other_name != name && split_choice(other_name).element == choice.element) node.remove();
        });
    }

    // An element goes with its companion.
    void remove(const std::vector<FieldStep>& steps) {
        JsonNode* here = &root_;
        for (const FieldStep& step : steps) {
            if (step.place == FieldStep::Place::Append) return; // what is not there yet
            JsonNode* parent = here;
            here = parent->find_member(step.name);
            if (here == nullptr) return;
            const bool is_last = &step == &steps.back();
            if (step.place == FieldStep::Place::Index) {
                if (step.index >= here->size()) return;
                here = &here->element(step.index);
                if (is_last) remove_companion(*parent, step);
            } else if (JsonNode* companion = is_last ? parent->find_member('_' + step.name) : nullptr) {
                companion->remove();
            }
        }
        here->remove();
    }

    JsonNode root_;
};

// The value without quotes and escapes; checks that the text is one JSON value of the field's type.
Result<std::string> plain_value(const EditTarget& target, const std::string& value) {
    if (value.empty()) return value;
    const auto wrong = [&] {
        return fail(ErrorCode::Value,
                    target.label + " cannot be " + value.substr(0, 80) + ": a " +
                        std::string(to_string(target.rule.type)) + " is " +
                        (is_quoted(target.rule.type) ? "a JSON string" : "written in JSON without quotes"));
    };
    if (!is_quoted(target.rule.type)) return value.front() == '"' ? Result<std::string>(wrong()) : value;
    const auto parsed = parse_json(value);
    if (!parsed || !parsed->IsString()) return wrong();
    std::string plain(parsed->GetString(), parsed->GetStringLength());
    if (plain.empty())
        return fail(ErrorCode::Value, target.label + " cannot be empty: \"\" in place of the JSON text removes it");
    return plain;
}

// What a Reference says of its target beside `reference`: of another target it would be false.
void forget_target(Editor& editor, std::vector<FieldStep> steps, std::span<const FieldEdit> edits,
                   std::string_view path) {
    const std::string_view parent = path.substr(0, path.size() - std::string_view("reference").size());
    for (const std::string_view about : {"display", "type", "identifier"}) {
        const bool edited = std::ranges::any_of(edits, [&](const FieldEdit& edit) {
            return edit.path.starts_with(parent) &&
                   std::string_view(edit.path).substr(parent.size()).starts_with(about);
        });
        steps.back().name = about;
        if (!edited) editor.make(steps, "");
    }
}

} // namespace

Result<std::string> apply_edits(const Resource& resource, std::span<const FieldEdit> edits) {
    Editor editor(value_in(resource.text()).text());
    for (const FieldEdit& edit : edits) {
        const auto target = find_target(resource, edit.path);
        if (!target) return tl::unexpected(target.error());
        const auto plain = plain_value(*target, edit.value);
        if (!plain) return tl::unexpected(plain.error());
        if (auto checked = check_value(*target, *plain); !checked) return tl::unexpected(checked.error());
        const bool is_reference = target->steps.size() > 1 && target->steps.back().name == "reference";
        const std::string before = is_reference ? editor.text() : "";
        editor.make(target->steps, edit.value);
        if (is_reference && editor.text() != before) forget_target(editor, target->steps, edits, edit.path);
    }
    return editor.text();
}

} // namespace fhirscope::fhir
