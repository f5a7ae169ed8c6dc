// Merging arrays, here those whose elements each have an identity of their own; merge_sequence.cpp has the others.

#include "fhir/content.hpp"
#include "fhir/json_node.hpp"
#include "fhir/merger.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace fhirscope::fhir {
namespace {

using Keys = std::vector<std::string>;

std::string array_text(std::span<const std::string> elements) {
    std::string text = "[";
    for (const std::string& element : elements) {
        if (text.size() > 1) text += ',';
        text += element;
    }
    return text += ']';
}

// The same with the white space of an array that has so many elements.
std::string text_over(Slice array, std::size_t size, std::span<const std::string> elements) {
    if (size == 0) return array_text(elements);
    JsonNode node(array.text());
    for (std::size_t i = 0; i < std::max(size, elements.size()); ++i) {
        JsonNode& element = i < node.size() ? node.element(i) : node.append();
        element.set(i < elements.size() ? std::string_view(elements[i]) : std::string_view());
    }
    return node.text();
}

// An array each of whose elements has an identity of its own.
class KeyedArray {
public:
    explicit KeyedArray(const std::vector<Slice>& elements) {
        for (const Slice element : elements) {
            std::string key = identity_of(element);
            is_keyed_ &= !key.empty() && elements_.try_emplace(key, element).second;
            keys_.push_back(std::move(key));
        }
    }
    bool is_keyed() const { return is_keyed_; }
    const Keys& keys() const { return keys_; }
    bool has(const std::string& key) const { return elements_.contains(key); }
    Slice at(const std::string& key) const {
        const auto found = elements_.find(key);
        return found == elements_.end() ? Slice() : found->second;
    }
    template <class Predicate>
    Keys keys_that(Predicate is_wanted) const {
        Keys wanted;
        std::ranges::copy_if(keys_, std::back_inserter(wanted), is_wanted);
        return wanted;
    }

private:
    Keys keys_;
    std::unordered_map<std::string, Slice> elements_;
    bool is_keyed_ = true;
};

struct KeyedArrays {
    explicit KeyedArrays(const Elements& elements) : base(elements[0]), local(elements[1]), server(elements[2]) {}

    KeyedArray base, local, server;
    bool are_keyed() const { return base.is_keyed() && local.is_keyed() && server.is_keyed(); }
};

// Both replaced one element, each by another: the two new ones are no two additions.
bool is_replaced_twice(const KeyedArrays& arrays) {
    const auto is_new_in = [&](const KeyedArray& one, const KeyedArray& other) {
        return std::ranges::any_of(
            one.keys(), [&](const std::string& key) { return !arrays.base.has(key) && !other.has(key); });
    };
    const bool is_removed_by_both = std::ranges::any_of(
        arrays.base.keys(), [&](const std::string& key) { return !arrays.local.has(key) && !arrays.server.has(key); });
    return is_removed_by_both && is_new_in(arrays.local, arrays.server) && is_new_in(arrays.server, arrays.local);
}

// The elements that both sides have, in the order of the side that moved them; nullopt where both did, differently.
std::optional<Keys> common_order(const KeyedArrays& arrays) {
    const auto is_common = [&](const std::string& key) { return arrays.local.has(key) && arrays.server.has(key); };
    const auto is_in_all = [&](const std::string& key) { return is_common(key) && arrays.base.has(key); };
    Keys local = arrays.local.keys_that(is_common);
    Keys server = arrays.server.keys_that(is_common);
    if (local == server) return server;
    const Keys before = arrays.base.keys_that(is_in_all);
    const bool is_moved_by_local = arrays.local.keys_that(is_in_all) != before;
    const bool is_moved_by_server = arrays.server.keys_that(is_in_all) != before;
    if (is_moved_by_local == is_moved_by_server) return std::nullopt;
    return is_moved_by_local ? local : server;
}

// For each key of `order`, and "" for the start, the wanted keys that follow it in the array.
template <class Predicate>
std::unordered_map<std::string, Keys> followers(const KeyedArray& array, const std::unordered_set<std::string>& order,
                                                Predicate is_wanted) {
    std::unordered_map<std::string, Keys> found;
    std::string predecessor;
    for (const std::string& key : array.keys())
        if (order.contains(key))
            predecessor = key;
        else if (is_wanted(key))
            found[predecessor].push_back(key);
    return found;
}

// All elements of the three in one order, also those that a side removed.
Keys whole_order(const KeyedArrays& arrays, const Keys& common) {
    const std::unordered_set<std::string> in_common(common.begin(), common.end());
    const auto is_any = [](const std::string&) { return true; };
    auto of_local = followers(arrays.local, in_common, is_any);
    auto of_server = followers(arrays.server, in_common, is_any);
    auto of_base = followers(arrays.base, in_common,
                             [&](const std::string& key) { return !arrays.local.has(key) && !arrays.server.has(key); });
    Keys order;
    const auto add_followers = [&](const std::string& key) {
        // What is new decides; what the other side removed is mostly not in the result.
        const auto text = [&](const KeyedArray& array, const Keys& keys) {
            std::pair<std::string, std::string> contents;
            for (const std::string& one : keys)
                (arrays.base.has(one) ? contents.second : contents.first) += content_of(array.at(one));
            return contents;
        };
        Keys& local = of_local[key];
        Keys& server = of_server[key];
        // By their text, so that it does not matter who is which side.
        const bool is_local_first = text(arrays.local, local) < text(arrays.server, server);
        for (const Keys* block : {&of_base[key], is_local_first ? &local : &server, is_local_first ? &server : &local})
            order.insert(order.end(), block->begin(), block->end());
    };
    add_followers("");
    for (const std::string& key : common) {
        order.push_back(key);
        add_followers(key);
    }
    return order;
}

} // namespace

std::vector<std::string> union_of(std::span<const Slice> base, std::span<const Slice> local,
                                  std::span<const Slice> server) {
    std::vector<std::string> texts;
    std::unordered_set<std::string> known;
    for (const Slice element : server) {
        texts.emplace_back(element.text());
        known.insert(content_of(element));
    }
    for (const Slice element : base) known.insert(content_of(element));
    for (const Slice element : local)
        if (known.insert(content_of(element)).second) texts.emplace_back(element.text());
    return texts;
}

std::string union_of(const Versions& array) {
    return array_text(union_of(elements_of(array.base), elements_of(array.local), elements_of(array.server)));
}

bool can_unite(const Versions& array) {
    std::unordered_set<std::string> known; // contents that the union has or that local did not make
    std::unordered_set<std::string> identities;
    for (const Slice element : elements_of(array.base)) known.insert(content_of(element));
    for (const Slice element : elements_of(array.server)) {
        known.insert(content_of(element));
        identities.insert(identity_of(element));
    }
    identities.erase(""); // what has none
    return std::ranges::none_of(elements_of(array.local), [&](Slice element) {
        return !known.contains(content_of(element)) && identities.contains(identity_of(element));
    });
}

std::string Merger::merge_array(const std::string& path, const Versions& array) {
    const Elements elements{elements_of(array.base), elements_of(array.local), elements_of(array.server)};
    const KeyedArrays keyed(elements);
    std::optional<std::vector<std::string>> texts;
    if (!keyed.are_keyed()) {
        texts = merge_sequence(path, elements);
    } else if (const auto common = common_order(keyed); common && !is_replaced_twice(keyed)) {
        texts.emplace();
        for (const std::string& key : whole_order(keyed, *common))
            texts->push_back(
                merge(path + '[' + key + ']', {keyed.base.at(key), keyed.local.at(key), keyed.server.at(key)}));
    }
    if (!texts) return merge_unit(path, array);
    std::erase(*texts, ""); // what was removed
    if (!texts->empty()) return text_over(array.server, elements[2].size(), *texts);
    // FHIR has no empty arrays, so one that lost all its elements goes, unless a side wrote it so.
    const bool is_written_empty =
        (array.local.exists() && elements[1].empty()) || (array.server.exists() && elements[2].empty());
    return is_written_empty ? "[]" : "";
}

} // namespace fhirscope::fhir
