#include "fhir/identity.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace fhirscope::fhir {
namespace {

// The members that identities are made of, found in one walk over the element.
struct Traits {
    Slice id, url, reference, system, value, use, code, coding;
    bool is_extension = false;
};

Traits traits_of(Slice element) {
    Traits traits;
    element.each_member([&](std::string_view name, Slice value) {
        if (name == "id")
            traits.id = value;
        else if (name == "url")
            traits.url = value;
        else if (name == "reference")
            traits.reference = value;
        else if (name == "system")
            traits.system = value;
        else if (name == "value")
            traits.value = value;
        else if (name == "use")
            traits.use = value;
        else if (name == "code")
            traits.code = value;
        else if (name == "coding")
            traits.coding = value;
        if (name == "extension" || (name.size() > 5 && name.starts_with("value") && name[5] >= 'A' && name[5] <= 'Z'))
            traits.is_extension = true;
    });
    return traits;
}

bool is_contact_system(Slice system) {
    static constexpr std::array<std::string_view, 7> systems{"phone", "fax", "email", "pager", "url", "sms", "other"};
    return std::ranges::any_of(systems, [&](std::string_view name) { return system.is_string(name); });
}

std::string label(std::string_view name, Slice value) {
    return value.kind() == Slice::Kind::String ? std::string(name) + '=' + value.string() : std::string();
}

std::string label_two(std::string_view first_name, Slice first, std::string_view second_name, Slice second) {
    std::string text = label(first_name, first);
    const std::string second_text = label(second_name, second);
    if (!text.empty() && !second_text.empty()) text += ',';
    return text + second_text;
}

struct Sides {
    std::vector<std::string> identities;
    std::unordered_map<std::string_view, std::vector<std::size_t>> places;

    explicit Sides(const std::vector<Slice>& elements) {
        identities.reserve(elements.size());
        for (const Slice& element : elements) identities.push_back(identity_of(element));
        for (std::size_t i = 0; i < identities.size(); ++i)
            if (!identities[i].empty()) places[identities[i]].push_back(i);
    }

    std::size_t count(std::string_view identity) const {
        const auto found = places.find(identity);
        return found == places.end() ? 0 : found->second.size();
    }
};

// Of several with one identity the first pairs with the first, and so on.
void pair_by_identity(const Sides& before, const Sides& after, std::vector<std::size_t>& partner_of_before,
                      std::vector<std::size_t>& partner_of_after) {
    for (const auto& [identity, old_places] : before.places) {
        const auto found = after.places.find(identity);
        if (found == after.places.end()) continue;
        for (std::size_t i = 0; i < std::min(old_places.size(), found->second.size()); ++i) {
            partner_of_before[old_places[i]] = found->second[i];
            partner_of_after[found->second[i]] = old_places[i];
        }
    }
}

void pair_by_position(const Sides& before, const Sides& after, std::vector<std::size_t>& partner_of_before,
                      std::vector<std::size_t>& partner_of_after) {
    const auto pair = [&](std::size_t old_place, std::size_t new_place) {
        partner_of_before[old_place] = new_place;
        partner_of_after[new_place] = old_place;
    };
    const std::size_t none = ElementPair::none;
    // The same index, where at least one of the two has no identity (an element that gained or lost it).
    for (std::size_t i = 0; i < std::min(partner_of_before.size(), partner_of_after.size()); ++i)
        if (partner_of_before[i] == none && partner_of_after[i] == none &&
            (before.identities[i].empty() || after.identities[i].empty()))
            pair(i, i);
    // The rest of those without one, in their order.
    std::size_t next = 0;
    for (std::size_t i = 0; i < partner_of_before.size(); ++i) {
        if (partner_of_before[i] != none || !before.identities[i].empty()) continue;
        while (next < partner_of_after.size() && (partner_of_after[next] != none || !after.identities[next].empty()))
            ++next;
        if (next == partner_of_after.size()) return;
        pair(i, next);
    }
}

} // namespace

std::string identity_of(Slice element) {
    if (element.kind() != Slice::Kind::Object) return {};
    const Traits traits = traits_of(element);
    if (traits.id.exists()) return label("id", traits.id);
    if (traits.url.exists() && traits.is_extension) return label("url", traits.url);
    if (traits.reference.exists()) return label("reference", traits.reference);
    if (traits.system.exists() && is_contact_system(traits.system))
        return label_two("system", traits.system, "use", traits.use);
    if (traits.system.exists() && traits.value.exists())
        return label_two("system", traits.system, "value", traits.value);
    if (traits.system.exists() && traits.code.exists()) return label_two("system", traits.system, "code", traits.code);
    if (traits.coding.exists()) {
        std::string first;
        traits.coding.each_element([&](Slice coding) {
            if (first.empty() && coding.member("code").exists())
                first = label_two("system", coding.member("system"), "code", coding.member("code"));
        });
        return first;
    }
    return label("use", traits.use);
}

std::vector<ElementPair> match_elements(const std::vector<Slice>& before, const std::vector<Slice>& after) {
    const Sides old_side(before);
    const Sides new_side(after);
    std::vector<std::size_t> partner_of_before(before.size(), ElementPair::none);
    std::vector<std::size_t> partner_of_after(after.size(), ElementPair::none);
    pair_by_identity(old_side, new_side, partner_of_before, partner_of_after);
    pair_by_position(old_side, new_side, partner_of_before, partner_of_after);

    const auto make_label = [&](const std::string& identity, std::size_t index) {
        const bool is_unique = !identity.empty() && old_side.count(identity) <= 1 && new_side.count(identity) <= 1;
        return is_unique ? identity : std::to_string(index);
    };
    std::vector<ElementPair> pairs;
    pairs.reserve(std::max(before.size(), after.size()));
    for (std::size_t i = 0; i < after.size(); ++i)
        pairs.push_back({partner_of_after[i], i, make_label(new_side.identities[i], i)});
    for (std::size_t i = 0; i < before.size(); ++i)
        if (partner_of_before[i] == ElementPair::none)
            pairs.push_back({i, ElementPair::none, make_label(old_side.identities[i], i)});
    return pairs;
}

} // namespace fhirscope::fhir
