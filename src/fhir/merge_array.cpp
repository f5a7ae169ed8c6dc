// Merging arrays: by identity where each element has its own, else as sequences (diff3 by longest common subsequence).

#include "fhir/content.hpp"
#include "fhir/merger.hpp"
#include "fhir/sequence.hpp"

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

// Several elements as one text: itself where it is one, "" where it is none.
std::string text_of(std::span<const Slice> elements) {
    if (elements.empty()) return {};
    if (elements.size() == 1) return std::string(elements.front().text());
    return '[' +
           std::string(elements.front().text().data(), elements.back().text().data() + elements.back().text().size()) +
           ']';
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
    KeyedArray base, local, server;
    bool are_keyed() const { return base.is_keyed() && local.is_keyed() && server.is_keyed(); }
};

// Both replaced one element, each by another: the two new ones are no two additions.
bool is_replaced_twice(const KeyedArrays& arrays) {
    const auto is_new_in = [&](const KeyedArray& one, const KeyedArray& other) {
        return std::ranges::any_of(one.keys(),
                                   [&](const std::string& key) { return !arrays.base.has(key) && !other.has(key); });
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
    for (const std::string& key : array.keys()) {
        if (order.contains(key))
            predecessor = key;
        else if (is_wanted(key))
            found[predecessor].push_back(key);
    }
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

// Numbers elements by content, so that they compare in no time.
class Contents {
public:
    std::vector<std::size_t> number(const std::vector<Slice>& elements) {
        std::vector<std::size_t> numbers;
        for (const Slice element : elements)
            numbers.push_back(numbers_.try_emplace(content_of(element), numbers_.size()).first->second);
        return numbers;
    }

private:
    std::unordered_map<std::string, std::size_t> numbers_;
};

bool are_objects(std::span<const Slice> elements) {
    return std::ranges::all_of(elements, [](Slice element) { return element.kind() == Slice::Kind::Object; });
}

} // namespace

class ArrayMerge {
public:
    ArrayMerge(Merger& merger, const std::string& path, const Versions& array)
        : merger_(merger),
          path_(path),
          array_(array),
          elements_{elements_of(array.base), elements_of(array.local), elements_of(array.server)} {}

    std::string merge() {
        const KeyedArrays keyed{KeyedArray(elements_[0]), KeyedArray(elements_[1]), KeyedArray(elements_[2])};
        const bool is_merged = keyed.are_keyed() ? merge_keyed(keyed) : merge_sequence();
        if (!is_merged) return merger_.merge_unit(path_, array_);
        if (!texts_.empty()) return array_text(texts_);
        const auto is_written_empty = [](Slice side, const std::vector<Slice>& elements) {
            return side.exists() && elements.empty();
        };
        return is_written_empty(array_.local, elements_[1]) || is_written_empty(array_.server, elements_[2]) ? "[]"
                                                                                                             : "";
    }

private:
    // What [begin, end) of one version's elements is.
    struct Range {
        std::size_t begin = 0, end = 0;
        std::size_t size() const { return end - begin; }
    };
    // Elements that stand at one place in the three versions.
    struct Region {
        Range base, local, server;
        std::size_t slots() const { return std::max({base.size(), local.size(), server.size()}); }
    };

    std::span<const Slice> in(Side side, const Range& range) const {
        return std::span(elements_[static_cast<std::size_t>(side)]).subspan(range.begin, range.size());
    }

    void add(std::string text) {
        if (!text.empty()) texts_.push_back(std::move(text));
    }

    // Both return false where the array is one unit.
    bool merge_keyed(const KeyedArrays& arrays) {
        if (is_replaced_twice(arrays)) return false;
        const std::optional<Keys> common = common_order(arrays);
        if (!common) return false;
        for (const std::string& key : whole_order(arrays, *common))
            add(merger_.merge(path_ + '[' + key + ']',
                              {arrays.base.at(key), arrays.local.at(key), arrays.server.at(key)}));
        return true;
    }

    bool merge_sequence() {
        Contents contents;
        for (std::size_t side = 0; side < 3; ++side) numbers_[side] = contents.number(elements_[side]);
        const auto local = hunks_between(numbers_[0], numbers_[1]);
        const auto server = hunks_between(numbers_[0], numbers_[2]);
        if (!local || !server) return false;
        auto next_local = local->begin();
        auto next_server = server->begin();
        Region done; // its ends are what is merged so far
        while (next_local != local->end() || next_server != server->end()) {
            Region region = next_region(next_local, local->end(), next_server, server->end(), done);
            merge_unchanged(done, region);
            merge_region(region);
            done = region;
        }
        merge_unchanged(done, {{elements_[0].size(), 0}, {elements_[1].size(), 0}, {elements_[2].size(), 0}});
        return true;
    }

    using Hunks = std::vector<Hunk>::const_iterator;

    // Whether a hunk and a range of the base have a place in common. What is inserted at the end of a range comes
    // before or behind it; only inside there is no place for it.
    static bool is_touching(const Hunk& hunk, const Range& base) {
        if (hunk.is_insertion())
            return base.size() == 0 ? hunk.base_begin == base.begin
                                    : base.begin < hunk.base_begin && hunk.base_begin < base.end;
        return base.size() == 0 ? hunk.base_begin < base.begin && base.begin < hunk.base_end
                                : hunk.base_begin < base.end && base.begin < hunk.base_end;
    }

    static Region next_region(Hunks& local, Hunks local_end, Hunks& server, Hunks server_end, const Region& done) {
        const auto is_before = [](const Hunk& a, const Hunk& b) {
            return a.base_begin != b.base_begin ? a.base_begin < b.base_begin : a.base_end < b.base_end;
        };
        const bool is_local = local != local_end && (server == server_end || is_before(*local, *server));
        const Hunk& first = is_local ? *local : *server;
        Range base{first.base_begin, first.base_end};
        // Outside its hunks a side has the elements of the base, one for one.
        Range in_local{done.local.end + (base.begin - done.base.end), 0};
        Range in_server{done.server.end + (base.begin - done.base.end), 0};
        std::ptrdiff_t local_grows = 0;
        std::ptrdiff_t server_grows = 0;
        const auto take = [&](Hunks& next, Hunks end, std::ptrdiff_t& grows) {
            if (next == end || !is_touching(*next, base)) return false;
            base.end = std::max(base.end, next->base_end);
            grows += static_cast<std::ptrdiff_t>(next->end - next->begin) -
                     static_cast<std::ptrdiff_t>(next->base_end - next->base_begin);
            ++next;
            return true;
        };
        while (take(local, local_end, local_grows) || take(server, server_end, server_grows)) {
        }
        in_local.end = in_local.begin + base.size() + static_cast<std::size_t>(local_grows);
        in_server.end = in_server.begin + base.size() + static_cast<std::size_t>(server_grows);
        return {base, in_local, in_server};
    }

    void merge_unchanged(const Region& done, const Region& next) {
        for (std::size_t i = 0; done.base.end + i < next.base.begin; ++i, ++index_)
            add(std::string(elements_[2][done.server.end + i].text()));
    }

    void merge_region(const Region& region) {
        const bool is_changed_by_local = !is_equal(Side::Base, region.base, Side::Local, region.local);
        const bool is_changed_by_server = !is_equal(Side::Base, region.base, Side::Server, region.server);
        const bool is_one_edit = !is_changed_by_local || !is_changed_by_server ||
                                 is_equal(Side::Local, region.local, Side::Server, region.server);
        const bool are_objects_all = are_objects(in(Side::Base, region.base)) &&
                                     are_objects(in(Side::Local, region.local)) &&
                                     are_objects(in(Side::Server, region.server));
        const bool is_paired = region.base.size() == region.local.size() && region.base.size() == region.server.size();
        if (is_one_edit || (is_paired && are_objects_all))
            merge_slots(region);
        else if (region.base.size() != 0 || !are_objects_all || !merge_insertions(region))
            merge_as_one(region);
    }

    bool is_equal(Side one, const Range& range, Side other, const Range& other_range) const {
        return std::ranges::equal(numbers_in(one, range), numbers_in(other, other_range));
    }
    std::span<const std::size_t> numbers_in(Side side, const Range& range) const {
        return std::span(numbers_[static_cast<std::size_t>(side)]).subspan(range.begin, range.size());
    }

    void merge_slot(Slice base, Slice local, Slice server) {
        add(merger_.merge(path_ + '[' + std::to_string(index_++) + ']', {base, local, server}));
    }

    void merge_slots(const Region& region) {
        const auto at = [&](Side side, const Range& range, std::size_t i) {
            return i < range.size() ? in(side, range)[i] : Slice();
        };
        for (std::size_t i = 0; i < region.slots(); ++i)
            merge_slot(at(Side::Base, region.base, i), at(Side::Local, region.local, i),
                       at(Side::Server, region.server, i));
    }

    // Both inserted objects at one place: both are kept, what both inserted only once. False where they did so in
    // another order.
    bool merge_insertions(const Region& region) {
        const auto local_numbers = numbers_in(Side::Local, region.local);
        const auto server_numbers = numbers_in(Side::Server, region.server);
        // By their text, so that it does not matter who is which side.
        const bool is_local_first =
            joined_content(Side::Local, region.local) < joined_content(Side::Server, region.server);
        const auto first = is_local_first ? local_numbers : server_numbers;
        const auto second = is_local_first ? server_numbers : local_numbers;
        const auto hunks = hunks_between(first, second);
        if (!hunks) return false;
        std::unordered_set<std::size_t> only_first;
        for (const Hunk& hunk : *hunks)
            only_first.insert(first.begin() + hunk.base_begin, first.begin() + hunk.base_end);
        for (const Hunk& hunk : *hunks)
            for (std::size_t i = hunk.begin; i < hunk.end; ++i)
                if (only_first.contains(second[i])) return false;

        const auto in_local = in(Side::Local, region.local);
        const auto in_server = in(Side::Server, region.server);
        const auto add_one = [&](bool is_local, std::size_t i) {
            merge_slot({}, is_local ? in_local[i] : Slice(), is_local ? Slice() : in_server[i]);
        };
        std::size_t in_first = 0;
        std::size_t in_second = 0;
        const auto add_common_until = [&](std::size_t end) {
            for (; in_first < end; ++in_first, ++in_second)
                merge_slot({}, in_local[is_local_first ? in_first : in_second],
                           in_server[is_local_first ? in_second : in_first]);
        };
        for (const Hunk& hunk : *hunks) {
            add_common_until(hunk.base_begin);
            for (; in_first < hunk.base_end; ++in_first) add_one(is_local_first, in_first);
            for (; in_second < hunk.end; ++in_second) add_one(!is_local_first, in_second);
        }
        add_common_until(first.size());
        return true;
    }

    std::string joined_content(Side side, const Range& range) const {
        std::string content;
        for (const Slice element : in(side, range)) content += content_of(element);
        return content;
    }

    // Both changed these, not to the same: one row for all.
    void merge_as_one(const Region& region) {
        const std::size_t slots = region.slots();
        std::array<MergeField, 1> row;
        row[0].path = path_ + '[' + std::to_string(index_);
        if (slots > 1) row[0].path += ".." + std::to_string(index_ + slots - 1);
        row[0].path += ']';
        row[0].base = text_of(in(Side::Base, region.base));
        row[0].local = text_of(in(Side::Local, region.local));
        row[0].server = text_of(in(Side::Server, region.server));
        const Side side = merger_.settle(row, true, true).value_or(Side::Server);
        index_ += slots;
        if (side == Side::Both) return add_both(region);
        const Range& taken = side == Side::Base ? region.base : side == Side::Local ? region.local : region.server;
        for (const Slice element : in(side, taken)) add(std::string(element.text()));
    }

    void add_both(const Region& region) {
        const auto has = [&](Side side, const Range& range, std::size_t number) {
            return std::ranges::find(numbers_in(side, range), number) != numbers_in(side, range).end();
        };
        for (const Slice element : in(Side::Server, region.server)) add(std::string(element.text()));
        for (std::size_t i = 0; i < region.local.size(); ++i) {
            const std::size_t number = numbers_in(Side::Local, region.local)[i];
            if (!has(Side::Server, region.server, number) && !has(Side::Base, region.base, number))
                add(std::string(in(Side::Local, region.local)[i].text()));
        }
    }

    Merger& merger_;
    const std::string& path_;
    const Versions& array_;
    std::array<std::vector<Slice>, 3> elements_; // by Side
    std::array<std::vector<std::size_t>, 3> numbers_;
    std::vector<std::string> texts_; // of the merged elements
    std::size_t index_ = 0; // the next element's in the paths: the three versions' elements counted as one list
};

std::string union_of(const Versions& array) {
    std::vector<std::string> texts;
    std::unordered_set<std::string> known;
    for (const Slice element : elements_of(array.server)) {
        texts.emplace_back(element.text());
        known.insert(content_of(element));
    }
    for (const Slice element : elements_of(array.base)) known.insert(content_of(element));
    for (const Slice element : elements_of(array.local))
        if (known.insert(content_of(element)).second) texts.emplace_back(element.text());
    return array_text(texts);
}

std::string Merger::merge_array(const std::string& path, const Versions& array) {
    return ArrayMerge(*this, path, array).merge();
}

} // namespace fhirscope::fhir
