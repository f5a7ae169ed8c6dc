#include "gui/model/edit/edit_form.hpp"

#include "gui/model/labels.hpp"

#include <algorithm>

namespace fhirscope::gui {

EditForm EditForm::make(const fhir::ResourcePtr& shown, const fhir::ResourcePtr& server, EditField field,
                        EditPlace place, std::optional<std::string> typed) {
    EditForm form;
    form.reference_ = shown->reference();
    form.field_ = std::move(field);
    form.place_ = place;
    const std::string path = form.field_.ask == Ask::Owner ? "owner.display" : form.field_.path;
    const auto rule = fhir::rule_for(*shown, path);
    if (!rule) {
        form.problem_ = rule.error().message;
        return form;
    }
    form.editable_ = true;
    form.rule_ = *rule;
    form.shown_ = shown;
    form.was_ = form.now();
    form.typed = typed ? std::move(*typed) : form.was_;
    if (form.field_.ask == Ask::Value) {
        const std::string at_server = server ? typed_at(*server, path) : std::string();
        form.choices_ = choices_for(shown->type(), form.field_, *rule, at_server);
        if (form.was_ != at_server) {
            // A pending edit: back to what the server has is a choice, what is pending is none.
            std::erase_if(form.choices_, [&](const EditChoice& choice) { return choice.value == form.was_; });
            if (!form.choices_.empty() && !at_server.empty())
                form.choices_.push_back({at_server, at_server, "as on the server", false, ""});
        }
    }
    form.shown_ = nullptr;
    form.check(shown);
    return form;
}

std::string EditForm::now() const {
    switch (field_.ask) {
        case Ask::Note:
            return {};
        case Ask::Owner: {
            std::string display = typed_at(*shown_, "owner.display");
            return display.empty() ? typed_at(*shown_, "owner.reference") : display;
        }
        case Ask::Value:
            break;
    }
    return typed_at(*shown_, field_.path);
}

std::string_view EditForm::type_name() const {
    return field_.ask == Ask::Owner || !editable_ ? std::string_view() : fhir::to_string(rule_.type);
}

std::vector<EditChoice> EditForm::choices() const {
    if (closed_list() || typed == was_ || typed.empty()) return choices_;
    std::vector<EditChoice> found;
    const std::string needle = fold(typed);
    std::copy_if(choices_.begin(), choices_.end(), std::back_inserter(found), [&](const EditChoice& choice) {
        return contains_folded(choice.label, needle) || contains_folded(choice.reference, needle);
    });
    return found;
}

void EditForm::offer(std::vector<EditChoice> choices) {
    choices_ = std::move(choices);
    if (editable_) look();
}

void EditForm::check(const fhir::ResourcePtr& shown) {
    if (!editable_ || (shown == shown_ && typed == checked_)) return;
    const bool first = shown_ == nullptr;
    if (shown != shown_) {
        shown_ = shown;
        const std::string value = now();
        news_ = first || value == was_ ? std::string()
                : value.empty()        ? "It was removed meanwhile."
                                       : "It is “" + value + "” now.";
    }
    look();
}

void EditForm::look() {
    checked_ = typed;
    problem_.clear();
    edits_.clear();
    const auto named = [this](const EditChoice& choice) { return choice.label == typed; };
    const bool owner =
        field_.ask == Ask::Owner && typed != was_ && std::count_if(choices_.begin(), choices_.end(), named) == 1;
    auto edits =
        owner ? edits_of(*std::find_if(choices_.begin(), choices_.end(), named)) : edits_for(*shown_, field_, typed);
    if (edits)
        edits_ = std::move(*edits);
    else
        problem_ = edits.error().message;
}

Result<std::vector<fhir::FieldEdit>> EditForm::edits_of(const EditChoice& choice) const {
    if (field_.ask == Ask::Owner) return owner_edits(*shown_, choice.reference, choice.value);
    return edits_for(*shown_, field_, choice.value);
}

} // namespace fhirscope::gui
