// Merging arrays whose elements have no identity, as sequences (diff3).

#include "fhir/content.hpp"
#include "fhir/merger.hpp"
#include "fhir/sequence.hpp"

#include <unordered_map>
#include <unordered_set>

namespace fhirscope::fhir {
namespace {

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
    return std::ranges::all_of(
        elements, [](Slice element) { return element.kind() == Slice::Kind::Object; });
}

std::string joined_content(std::span<const Slice> elements) {
    std::string content;
    for (const Slice element : elements) content += content_of(element);
    return content;
}

// Several elements as one text: itself where it is one, "" where it is none.
std::string text_of_all(std::span<const Slice> elements) {
    if (elements.empty()) return {};
    if (elements.size() == 1) return std::string(elements.front().text());
    // They stand side by side in one text.
    const std::string_view last = elements.back().text();
    return '[' + std::string(elements.front().text().data(), last.data() + last.size()) + ']';
}

} // namespace

class SequenceMerge {
public:
    SequenceMerge(Merger& merger, const std::string& path, const Elements& elements)
        : merger_(merger), path_(path), elements_(elements) {
        Contents contents;
        for (std::size_t side = 0; side < elements.size(); ++side) numbers_[side] = contents.number(elements[side]);
    }

    std::optional<std::vector<std::string>> merge() {
        const auto& [base, local, server] = numbers_;
        const auto regions = regions_among(base, local, server);
        if (!regions || has_contested_move(*regions, base, local, server)) return std::nullopt;
        std::size_t done = 0; // of the server's elements
        const auto add_unchanged_until = [&](std::size_t end) {
            for (; done < end; ++done, ++index_) texts_.emplace_back(elements_[2][done].text());
        };
        for (const Region& region : *regions) {
            add_unchanged_until(region.server.begin);
            merge_region(region);
            done = region.server.end;
        }
        add_unchanged_until(server.size());
        return std::move(texts_);
    }

private:
    static const Range& range_of(const Region& region, Side side) {
        return side == Side::Base ? region.base : side == Side::Local ? region.local : region.server;
    }
    std::span<const Slice> in(const Region& region, Side side) const {
        const Range& range = range_of(region, side);
        return std::span(elements_[static_cast<std::size_t>(side)]).subspan(range.begin, range.size());
    }
    Numbers numbers_in(const Region& region, Side side) const {
        return range_of(region, side).of(numbers_[static_cast<std::size_t>(side)]);
    }
    bool is_same(const Region& region, Side one, Side other) const {
        return std::ranges::equal(numbers_in(region, one), numbers_in(region, other));
    }

    void merge_region(const Region& region) {
        const bool is_one_edit = is_same(region, Side::Base, Side::Local) ||
                                 is_same(region, Side::Base, Side::Server) ||
                                 is_same(region, Side::Local, Side::Server);
        const bool is_paired = region.base.size() == region.local.size() && region.base.size() == region.server.size();
        const bool are_all_objects = are_objects(in(region, Side::Base)) && are_objects(in(region, Side::Local)) &&
                                     are_objects(in(region, Side::Server));
        if (is_one_edit || (is_paired && are_all_objects))
            merge_slots(region);
        else if (region.base.size() != 0 || !are_all_objects || !merge_insertions(region))
            merge_as_one(region);
    }

    void merge_slot(Slice base, Slice local, Slice server) {
        texts_.push_back(merger_.merge(path_ + '[' + std::to_string(index_++) + ']', {base, local, server}));
    }

    void merge_slots(const Region& region) {
        const auto at = [&](Side side, std::size_t i) {
            const std::span<const Slice> elements = in(region, side);
            return i < elements.size() ? elements[i] : Slice();
        };
        for (std::size_t i = 0; i < region.slots(); ++i)
            merge_slot(at(Side::Base, i), at(Side::Local, i), at(Side::Server, i));
    }

    // Both inserted objects at one place: both are kept, what both inserted only once. False where they did so in
    // another order.
    bool merge_insertions(const Region& region) {
        const auto local_numbers = numbers_in(region, Side::Local);
        const auto server_numbers = numbers_in(region, Side::Server);
        // By their text, so that it does not matter who is which side.
        const bool is_local_first = joined_content(in(region, Side::Local)) < joined_content(in(region, Side::Server));
        const auto first = is_local_first ? local_numbers : server_numbers;
        const auto second = is_local_first ? server_numbers : local_numbers;
        const auto hunks = hunks_between(first, second);
        if (!hunks) return false;
        std::unordered_set<std::size_t> only_first;
        for (const Hunk& hunk : *hunks)
            only_first.insert(first.begin() + hunk.base.begin, first.begin() + hunk.base.end);
        for (const Hunk& hunk : *hunks)
            for (std::size_t i = hunk.other.begin; i < hunk.other.end; ++i)
                if (only_first.contains(second[i])) return false;

        const auto in_local = in(region, Side::Local);
        const auto in_server = in(region, Side::Server);
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
            add_common_until(hunk.base.begin);
            for (; in_first < hunk.base.end; ++in_first) add_one(is_local_first, in_first);
            for (; in_second < hunk.other.end; ++in_second) add_one(!is_local_first, in_second);
        }
        add_common_until(first.size());
        return true;
    }

    // Both changed these, not to the same: one row for all.
    void merge_as_one(const Region& region) {
        const std::size_t slots = region.slots();
        std::array<MergeField, 1> row;
        row[0].path = path_ + '[' + std::to_string(index_);
        if (slots > 1) row[0].path += ".." + std::to_string(index_ + slots - 1);
        row[0].path += ']';
        row[0].base = text_of_all(in(region, Side::Base));
        row[0].local = text_of_all(in(region, Side::Local));
        row[0].server = text_of_all(in(region, Side::Server));
        const Side side = merger_.settle(row, true, true).value_or(Side::Server);
        if (side == Side::Both)
            std::ranges::move(union_of(in(region, Side::Base), in(region, Side::Local), in(region, Side::Server)),
                              std::back_inserter(texts_));
        else
            for (const Slice element : in(region, side)) texts_.emplace_back(element.text());
        index_ += slots;
    }

    Merger& merger_;
    const std::string& path_;
    const Elements& elements_;
    std::array<std::vector<std::size_t>, 3> numbers_; // of the elements, by content
    std::vector<std::string> texts_;                  // of the merged elements
    std::size_t index_ = 0; // the next element's in the paths: the three versions' elements counted as one list
};

std::optional<std::vector<std::string>> Merger::merge_sequence(const std::string& path, const Elements& elements) {
    return SequenceMerge(*this, path, elements).merge();
}

} // namespace fhirscope::fhir
