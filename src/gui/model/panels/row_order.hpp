#pragma once
// The order of a table's rows, in blocks: a row that moves costs its two blocks, not the table.

#include "fhir/assert.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace fhirscope::gui {

class RowOrder {
public:
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    std::uint32_t operator[](std::size_t place) const {
        FHIRSCOPE_ASSERT(place < size_);
        const auto after = std::upper_bound(starts_.begin(), starts_.end(), place);
        const auto block = static_cast<std::size_t>(after - starts_.begin()) - 1;
        return blocks_[block][place - starts_[block]];
    }

    void clear() { assign({}); }
    // Takes rows that are in order.
    void assign(const std::vector<std::uint32_t>& rows) {
        blocks_.clear();
        for (std::size_t from = 0; from < rows.size(); from += full / 2) {
            const std::size_t to = std::min(rows.size(), from + full / 2);
            blocks_.emplace_back(rows.begin() + static_cast<std::ptrdiff_t>(from),
                                 rows.begin() + static_cast<std::ptrdiff_t>(to));
        }
        count();
    }

    // Takes out `row`, which `less` finds; false when it is not there.
    template <class Less>
    bool erase(std::uint32_t row, const Less& less) {
        const std::size_t block = block_of(row, less);
        if (block == blocks_.size()) return false;
        std::vector<std::uint32_t>& rows = blocks_[block];
        const auto at = std::lower_bound(rows.begin(), rows.end(), row, less);
        if (at == rows.end() || *at != row) return false;
        rows.erase(at);
        if (rows.empty()) blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(block));
        count();
        return true;
    }

    template <class Less>
    void insert(std::uint32_t row, const Less& less) {
        if (blocks_.empty()) {
            blocks_.push_back({row});
            count();
            return;
        }
        const std::size_t block = std::min(block_of(row, less), blocks_.size() - 1);
        std::vector<std::uint32_t>& rows = blocks_[block];
        rows.insert(std::lower_bound(rows.begin(), rows.end(), row, less), row);
        if (rows.size() > full) {
            const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
            std::vector<std::uint32_t> upper(middle, rows.end());
            rows.erase(middle, rows.end());
            blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(block) + 1, std::move(upper));
        }
        count();
    }

    std::vector<std::uint32_t> all() const {
        std::vector<std::uint32_t> rows;
        rows.reserve(size_);
        for (const auto& block : blocks_) rows.insert(rows.end(), block.begin(), block.end());
        return rows;
    }
    bool operator==(const RowOrder& other) const { return all() == other.all(); }
    bool operator==(const std::vector<std::uint32_t>& rows) const { return all() == rows; }

private:
    static constexpr std::size_t full = 512;

    // The first block that ends with `row` or behind it; the number of blocks when there is none.
    template <class Less>
    std::size_t block_of(std::uint32_t row, const Less& less) const {
        const auto at = std::partition_point(blocks_.begin(), blocks_.end(),
                                             [&](const auto& block) { return less(block.back(), row); });
        return static_cast<std::size_t>(at - blocks_.begin());
    }
    void count() {
        starts_.resize(blocks_.size());
        size_ = 0;
        for (std::size_t i = 0; i < blocks_.size(); ++i) {
            starts_[i] = size_;
            size_ += blocks_[i].size();
        }
    }

    std::vector<std::vector<std::uint32_t>> blocks_; // none is empty
    std::vector<std::size_t> starts_;                // place of each block's first row
    std::size_t size_ = 0;
};

} // namespace fhirscope::gui
