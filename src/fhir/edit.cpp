#include "fhir/edit.hpp"

#include "fhir/edit_rules.hpp"
#include "fhir/identity.hpp"
#include "fhir/json.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace fhirscope::fhir {
namespace {

using Steps = std::span<const EditStep>;

constexpr std::size_t most_steps = 32;

std::string made_of_nothing(Steps steps, std::string_view value);

// The value below one step, made anew around `value`; "" where that leaves nothing.
std::string set_below(Slice present, Steps steps, std::string_view value);

std::string set_element(Slice array, const std::string& which, Steps rest, std::string_view value) {
    const auto wanted = place_of(array, which);
    std::string text;
    const auto add = [&](std::string_view element) {
        if (element.empty()) return;
        text += text.empty() ? '[' : ',';
        text += element;
    };
    std::size_t i = 0;
    array.each_element([&](Slice element) {
        add(wanted == i ? set_below(element, rest, value) : std::string(element.text()));
        ++i;
    });
    if (which == "+") add(made_of_nothing(rest, value));
    return text.empty() ? text : text + ']';
}

std::string set_member(Slice object, Steps steps, std::string_view value) {
    const EditStep& step = steps.front();
    const Steps rest = steps.subspan(1);
    std::string text;
    const auto add = [&](std::string_view name, const std::string& member) {
        if (member.empty()) return;
        text += text.empty() ? "{\"" : ",\"";
        text.append(name).append("\":").append(member);
    };
    bool found = false;
    object.each_member([&](std::string_view name, Slice member) {
        if (found || name != step.name) return add(name, std::string(member.text()));
        found = true;
        add(name, step.element ? set_element(member, *step.element, rest, value) : set_below(member, rest, value));
    });
    if (!found)
        add(step.name, step.element ? set_element(Slice("[]"), "+", rest, value) : made_of_nothing(rest, value));
    return text.empty() ? text : text + '}';
}

std::string made_of_nothing(Steps steps, std::string_view value) {
    if (value.empty()) return {};
    return steps.empty() ? std::string(value) : set_member(Slice("{}"), steps, value);
}

std::string set_below(Slice present, Steps steps, std::string_view value) {
    return steps.empty() ? std::string(value) : set_member(present, steps, value);
}

} // namespace

Result<std::vector<EditStep>> parse_edit_path(std::string_view path) {
    const auto wrong = [&](const std::string& why) { return fail("path", "\"" + std::string(path) + "\": " + why); };
    std::vector<EditStep> steps;
    std::size_t at = 0;
    while (true) {
        EditStep step;
        while (at < path.size() && (std::isalnum(static_cast<unsigned char>(path[at])) != 0 || path[at] == '_'))
            step.name += path[at++];
        if (step.name.empty()) return wrong("a name is expected at position " + std::to_string(at + 1));
        if (at < path.size() && path[at] == '[') {
            const auto end = path.find(']', at);
            if (end == std::string_view::npos || end == at + 1) return wrong("[…] is not closed, or empty");
            step.element = std::string(path.substr(at + 1, end - at - 1));
            at = end + 1;
        }
        steps.push_back(std::move(step));
        if (at == path.size()) return steps;
        if (path[at] != '.' || steps.size() >= most_steps)
            return wrong("a point is expected at position " + std::to_string(at + 1));
        ++at;
    }
}

std::optional<std::size_t> place_of(Slice array, std::string_view which) {
    std::size_t count = 0;
    std::optional<std::size_t> by_identity;
    array.each_element([&](Slice element) {
        if (!by_identity && identity_of(element) == which) by_identity = count;
        ++count;
    });
    if (which == "+") return count;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(which.data(), which.data() + which.size(), number);
    if (error == std::errc{} && end == which.data() + which.size())
        return number < count ? std::optional(number) : std::nullopt;
    return by_identity;
}

Result<std::string> apply_edits(const Resource& resource, std::span<const FieldEdit> edits) {
    ResourcePtr current;
    std::string text(resource.text());
    for (const FieldEdit& edit : edits) {
        const Resource& now = current ? *current : resource;
        const auto rule = rule_for(now, edit.path);
        if (!rule) return tl::unexpected(rule.error());
        if (edit.value.empty() && rule->required) return fail("value", edit.path + " cannot be removed");
        if (!edit.value.empty()) {
            if (!parse_json(edit.value)) return fail("value", edit.path + ": the value is not JSON");
            if (auto checked = check_value(*rule, edit.path, edit.value); !checked)
                return tl::unexpected(checked.error());
        }
        const auto steps = parse_edit_path(edit.path);
        // Extensions of a list's elements stand beside it by position: an element less would shift them.
        if (edit.value.empty() && steps->back().element && steps->size() == 1 && now.member("_" + steps->back().name))
            return fail("path", edit.path + " cannot be removed: its list has extensions");
        text = set_member(Slice(text), *steps, edit.value);
        auto parsed = parse_resource(text);
        if (!parsed) return tl::unexpected(parsed.error());
        current = std::move(*parsed);
    }
    return text;
}

} // namespace fhirscope::fhir
