#pragma once
// The two containers that a snapshot shares with the engine without a lock and without copying what did not change.

#include "fhir/assert.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace fhirscope::engine {

// Counts on when a sequence is published or copied: also one that nobody writes to any more, and that several threads
// copy.
class Epoch {
public:
    Epoch() = default;
    Epoch(const Epoch& other) : value_(other.value()) {}
    Epoch& operator=(const Epoch& other) {
        value_ = other.value();
        return *this;
    }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }
    void next() const { value_.fetch_add(1, std::memory_order_relaxed); }

private:
    mutable std::atomic<std::uint64_t> value_ = 1;
};

// Random-access sequence, written by the engine alone, read through views. A tree of three levels: the table of blocks,
// blocks of chunks, chunks of items. What a view may hold is copied before it is written (copy-on-write by epoch:
// publish() starts a new one): publishing costs one pointer however many items there are, the first write after it a
// table, a block and a chunk. Readers compare two views by the identities of what is in them, and skip what is equal.
template <class T, std::size_t ChunkSize = 64>
class Chunked {
    static constexpr std::size_t block_size = 64; // chunks
    struct Chunk {
        std::uint64_t epoch = 0;
        std::vector<T> items;
    };
    struct Block {
        std::uint64_t epoch = 0;
        std::vector<std::shared_ptr<Chunk>> chunks;
    };
    struct Table {
        std::uint64_t epoch = 0;
        std::vector<std::shared_ptr<Block>> blocks;
        const std::vector<T>& items(std::size_t chunk) const {
            return blocks[chunk / block_size]->chunks[chunk % block_size]->items;
        }
    };

public:
    static constexpr std::size_t chunk_size = ChunkSize;

    // Immutable; may be read by any thread for as long as it is held.
    class View {
    public:
        std::size_t size() const { return size_; }
        bool empty() const { return size_ == 0; }
        const T& operator[](std::size_t i) const {
            FHIRSCOPE_ASSERT(i < size_);
            return table_->items(i / ChunkSize)[i % ChunkSize];
        }
        std::size_t chunk_count() const { return (size_ + ChunkSize - 1) / ChunkSize; }
        // Of two views that are both held, equal identities mean equal content. Null behind the end.
        const void* chunk_identity(std::size_t c) const { return c < chunk_count() ? &table_->items(c) : nullptr; }
        // Calls `visit` with the number of every chunk that is new since `before`, or another one, in order.
        template <class Visit>
        void for_each_changed_chunk(const View& before, const Visit& visit) const {
            if (table_ == before.table_) return;
            for (std::size_t c = 0; c < chunk_count(); ++c)
                if (c % block_size == 0 && block(c) == before.block(c))
                    c += block_size - 1;
                else if (chunk_identity(c) != before.chunk_identity(c))
                    visit(c);
        }
        // Test and benchmark data without an engine.
        static View of(std::vector<T> items) {
            Chunked all;
            for (auto& item : items) all.push_back(std::move(item));
            return all.publish();
        }

    private:
        friend class Chunked;
        const Block* block(std::size_t chunk) const {
            return chunk < chunk_count() ? table_->blocks[chunk / block_size].get() : nullptr;
        }
        std::shared_ptr<const Table> table_;
        std::size_t size_ = 0;
    };

    Chunked() = default;
    // Shares all there is: from here on both own nothing of it, and copy what they write to.
    Chunked(const Chunked& other) : table_(other.table_), size_(other.size_) {
        other.epoch_.next();
        epoch_ = other.epoch_;
    }
    Chunked& operator=(const Chunked&) = delete;
    Chunked(Chunked&&) noexcept = default;
    Chunked& operator=(Chunked&&) noexcept = default;

    std::size_t size() const { return size_; }
    const T& operator[](std::size_t i) const {
        FHIRSCOPE_ASSERT(i < size_);
        return table_->items(i / ChunkSize)[i % ChunkSize];
    }

    void push_back(T value) {
        const std::size_t c = size_ / ChunkSize;
        if (size_ % ChunkSize == 0) {
            std::vector<std::shared_ptr<Block>>& blocks = own(table_).blocks;
            if (c % block_size == 0) blocks.emplace_back();
            own(blocks.back()).chunks.emplace_back();
        }
        std::vector<T>& items = own(c).items;
        items.reserve(ChunkSize);
        items.push_back(std::move(value));
        ++size_;
    }
    void set(std::size_t i, T value) {
        FHIRSCOPE_ASSERT(i < size_);
        own(i / ChunkSize).items[i % ChunkSize] = std::move(value);
    }
    void clear() {
        table_.reset();
        size_ = 0;
    }

    View publish() {
        epoch_.next();
        View view;
        view.table_ = table_;
        view.size_ = size_;
        return view;
    }

private:
    // One that no view holds: made, where there is none, or copied.
    template <class Node>
    Node& own(std::shared_ptr<Node>& node) {
        if (!node || node->epoch != epoch_.value()) {
            node = node ? std::make_shared<Node>(*node) : std::make_shared<Node>();
            node->epoch = epoch_.value();
        }
        return *node;
    }
    Chunk& own(std::size_t c) { return own(own(own(table_).blocks[c / block_size]).chunks[c % block_size]); }

    std::shared_ptr<Table> table_;
    std::size_t size_ = 0;
    Epoch epoch_;
};

// Append-only sequence with numbered entries; whole chunks leave at the front when a bound is reached. A view knows how
// many entries it may read; the engine writes only behind them, so a chunk is never copied. The list of chunks is, when
// one comes or leaves, since views hold it: publishing costs one pointer.
template <class T, std::size_t ChunkSize = 1024>
class Log {
    struct Chunk {
        std::unique_ptr<T[]> items{new T[ChunkSize]};
    };
    using Chunks = std::vector<std::shared_ptr<Chunk>>;

public:
    static constexpr std::size_t chunk_size = ChunkSize;

    // Immutable; may be read by any thread for as long as it is held. Entries are numbered from first() to end() - 1.
    class View {
    public:
        std::uint64_t first() const { return first_; }
        std::uint64_t end() const { return end_; }
        std::size_t size() const { return static_cast<std::size_t>(end_ - first_); }
        bool empty() const { return first_ == end_; }
        bool contains(std::uint64_t n) const { return n >= first_ && n < end_; }
        const T& operator[](std::uint64_t n) const {
            FHIRSCOPE_ASSERT(contains(n)); // it may have left meanwhile
            const auto i = static_cast<std::size_t>(n - first_);
            return (*chunks_)[i / ChunkSize]->items[i % ChunkSize];
        }
        static View of(std::vector<T> items) {
            Log all;
            for (auto& item : items) all.push_back(std::move(item));
            return all.publish();
        }

    private:
        friend class Log;
        std::shared_ptr<const Chunks> chunks_;
        std::uint64_t first_ = 0, end_ = 0;
    };

    // At least `bound` of the newest entries are kept; older ones leave a chunk at a time.
    explicit Log(std::size_t bound = SIZE_MAX / 2) : bound_(bound) {}
    // Shares all there is. The newest chunk is the other one's to write to: the copy makes its own of it first.
    Log(const Log& other)
        : chunks_(other.chunks_),
          first_(other.first_),
          end_(other.end_),
          bound_(other.bound_),
          newest_is_shared_(true) {}
    Log& operator=(const Log&) = delete;
    Log(Log&&) noexcept = default;
    Log& operator=(Log&&) noexcept = default;

    std::uint64_t first() const { return first_; }
    std::uint64_t end() const { return end_; } // also the number of the next entry
    std::size_t size() const { return static_cast<std::size_t>(end_ - first_); }
    const T& operator[](std::uint64_t n) const {
        FHIRSCOPE_ASSERT(n >= first_ && n < end_);
        const auto i = static_cast<std::size_t>(n - first_);
        return (*chunks_)[i / ChunkSize]->items[i % ChunkSize];
    }
    const T& back() const { return (*this)[end_ - 1]; }

    void push_back(T value) {
        const std::size_t used = size() % ChunkSize;
        if (used == 0) {
            const std::size_t over = size() < bound_ + ChunkSize ? 0 : (size() - bound_) / ChunkSize;
            replace_chunks(over, std::make_shared<Chunk>());
        } else if (newest_is_shared_) {
            auto own = std::make_shared<Chunk>();
            std::copy_n(chunks_->back()->items.get(), used, own->items.get());
            auto chunks = std::make_shared<Chunks>(*chunks_);
            chunks->back() = std::move(own);
            chunks_ = std::move(chunks);
        }
        newest_is_shared_ = false;
        chunks_->back()->items[used] = std::move(value);
        ++end_;
    }

    // Gives up the oldest chunk, unless it is also the newest. The caller accounts for what was in it.
    bool drop_chunk() {
        if (chunks_->size() < 2) return false;
        replace_chunks(1, nullptr);
        return true;
    }

    void set_bound(std::size_t bound) { bound_ = bound; }

    // Starts over with the next entry numbered `next` (used when a state is read back).
    void reset(std::uint64_t next) {
        chunks_ = std::make_shared<const Chunks>();
        first_ = end_ = next;
    }

    View publish() const {
        View view;
        view.chunks_ = chunks_;
        view.first_ = first_;
        view.end_ = end_;
        return view;
    }

private:
    // Without the oldest `fewer`, and with `more` at the end.
    void replace_chunks(std::size_t fewer, std::shared_ptr<Chunk> more) {
        auto chunks = std::make_shared<Chunks>();
        chunks->reserve(chunks_->size() - fewer + 1);
        chunks->assign(chunks_->begin() + static_cast<std::ptrdiff_t>(fewer), chunks_->end());
        if (more) chunks->push_back(std::move(more));
        chunks_ = std::move(chunks);
        first_ += fewer * ChunkSize;
    }

    std::shared_ptr<const Chunks> chunks_ = std::make_shared<const Chunks>();
    std::uint64_t first_ = 0, end_ = 0;
    std::size_t bound_;
    bool newest_is_shared_ = false;
};

} // namespace fhirscope::engine
