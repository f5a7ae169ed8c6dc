#include "gui/model/edit/edit_choices.hpp"

#include "fhir/slice.hpp"
#include "fhir/task.hpp"
#include "gui/model/labels.hpp"

#include <algorithm>
#include <unordered_set>

namespace fhirscope::gui {

std::vector<EditChoice> status_choices(std::string_view now) {
    std::vector<EditChoice> choices;
    const auto usual = fhir::usual_next(now);
    for (const std::string_view state : usual)
        choices.push_back({std::string(state), std::string(state), "", false, ""});
    for (const bool suspicious : {false, true}) {
        for (const std::string_view state : fhir::task_states()) {
            const fhir::Transition grade = fhir::grade_transition(now, state);
            if (state == now || std::find(usual.begin(), usual.end(), state) != usual.end() ||
                (grade == fhir::Transition::Suspicious) != suspicious)
                continue;
            std::string note;
            if (suspicious)
                note = "not a usual transition from " + std::string(now);
            else if (grade == fhir::Transition::Allowed && !now.empty() && choices.size() == usual.size())
                note = "from here on: not in FHIR's state diagram"; // once, at the first of them
            choices.push_back({std::string(state), std::string(state), std::move(note), suspicious, ""});
        }
    }
    return choices;
}

std::vector<EditChoice> choices_for(std::string_view type, const EditField& field, const fhir::FieldRule& rule,
                                    std::string_view now) {
    std::vector<EditChoice> choices;
    if (type == "Task" && field.path == "status")
        choices = status_choices(now);
    else if (rule.type == fhir::FieldType::Boolean)
        choices = {{"true", "true", "", false, ""}, {"false", "false", "", false, ""}};
    else
        for (const std::string_view code : rule.codes)
            choices.push_back({std::string(code), std::string(code), "", false, ""});
    std::erase_if(choices, [&](const EditChoice& choice) { return choice.value == now; });
    if (!choices.empty() && !rule.required && !now.empty()) choices.push_back({"", "remove", "", false, ""});
    return choices;
}

std::vector<EditChoice> owners_seen(const engine::StoreView& tasks, std::size_t most) {
    std::vector<EditChoice> owners;
    std::unordered_set<std::string_view> seen; // texts of the objects: few differ, so few are read
    for (std::size_t i = 0; i < tasks.records.size() && owners.size() < most; ++i) {
        const fhir::Resource* resource = shown_resource(*tasks.records[i]).get();
        const auto text = resource != nullptr ? resource->member("owner") : std::nullopt;
        if (!text || !seen.insert(*text).second) continue;
        const fhir::Slice owner(*text);
        EditChoice choice;
        choice.reference = owner.member("reference").string();
        choice.value = owner.member("display").string();
        choice.label = choice.value.empty() ? choice.reference : choice.value;
        choice.note = choice.value.empty() ? std::string() : choice.reference;
        const bool known = std::any_of(owners.begin(), owners.end(), [&](const EditChoice& other) {
            return other.reference == choice.reference && other.value == choice.value;
        });
        if (!choice.label.empty() && !known) owners.push_back(std::move(choice));
    }
    std::sort(owners.begin(), owners.end(), [](const EditChoice& a, const EditChoice& b) {
        return a.label != b.label ? a.label < b.label : a.reference < b.reference;
    });
    return owners;
}

} // namespace fhirscope::gui
