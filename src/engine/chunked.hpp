#pragma once
// The two containers that a snapshot shares with the engine without a lock and without copying what did not change.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace fhirscope::engine {

// Random-access sequence, written by the engine alone, read through views. A chunk that a view may hold is copied
// before it is written (copy-on-write by epoch: publish() starts a new one). Readers can compare chunk identities
// between two views to find what changed.
template <class T, std::size_t ChunkSize = 64>
class Chunked {
    struct Chunk {
        std::uint64_t epoch = 0;
        std::vector<T> items;
    };

public:
    static constexpr std::size_t chunk_size = ChunkSize;

    // Immutable; may be read by any thread for as long as it is held.
    class View {
    public:
        std::size_t size() const { return size_; }
        bool empty() const { return size_ == 0; }
        const T& operator[](std::size_t i) const { return chunks_[i / ChunkSize]->items[i % ChunkSize]; }
        std::size_t chunk_count() const { return chunks_.size(); }
        // Equal identities mean equal content.
        const void* chunk_identity(std::size_t c) const { return c < chunks_.size() ? chunks_[c].get() : nullptr; }
        // Test and benchmark data without an engine.
        static View of(std::vector<T> items) {
            Chunked all;
            for (auto& item : items) all.push_back(std::move(item));
            return all.publish();
        }

    private:
        friend class Chunked;
        std::vector<std::shared_ptr<const Chunk>> chunks_;
        std::size_t size_ = 0;
    };

    std::size_t size() const { return size_; }
    const T& operator[](std::size_t i) const { return chunks_[i / ChunkSize]->items[i % ChunkSize]; }

    void push_back(T value) {
        if (size_ % ChunkSize == 0) {
            chunks_.push_back(std::make_shared<Chunk>());
            chunks_.back()->epoch = epoch_;
            chunks_.back()->items.reserve(ChunkSize);
        }
        own(chunks_.size() - 1).items.push_back(std::move(value));
        ++size_;
    }
    void set(std::size_t i, T value) { own(i / ChunkSize).items[i % ChunkSize] = std::move(value); }
    void clear() {
        chunks_.clear();
        size_ = 0;
    }

    View publish() {
        ++epoch_;
        View view;
        view.chunks_.assign(chunks_.begin(), chunks_.end());
        view.size_ = size_;
        return view;
    }

private:
    Chunk& own(std::size_t c) {
        if (chunks_[c]->epoch != epoch_) {
            auto copy = std::make_shared<Chunk>();
            copy->items.reserve(ChunkSize);
            copy->items = chunks_[c]->items;
            copy->epoch = epoch_;
            chunks_[c] = std::move(copy);
        }
        return *chunks_[c];
    }

    std::vector<std::shared_ptr<Chunk>> chunks_;
    std::size_t size_ = 0;
    std::uint64_t epoch_ = 1;
};

// Append-only sequence with numbered entries; whole chunks leave at the front when a bound is reached. A view knows how
// many entries it may read; the engine writes only behind them, so a chunk is never copied.
template <class T, std::size_t ChunkSize = 1024>
class Log {
    struct Chunk {
        std::unique_ptr<T[]> items{new T[ChunkSize]};
    };

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
            const auto i = static_cast<std::size_t>(n - first_);
            return chunks_[i / ChunkSize]->items[i % ChunkSize];
        }
        static View of(std::vector<T> items) {
            Log all;
            for (auto& item : items) all.push_back(std::move(item));
            return all.publish();
        }

    private:
        friend class Log;
        std::vector<std::shared_ptr<const Chunk>> chunks_;
        std::uint64_t first_ = 0, end_ = 0;
    };

    // At least `bound` of the newest entries are kept; older ones leave a chunk at a time.
    explicit Log(std::size_t bound = SIZE_MAX / 2) : bound_(bound) {}

    std::uint64_t first() const { return first_; }
    std::uint64_t end() const { return end_; } // also the number of the next entry
    std::size_t size() const { return static_cast<std::size_t>(end_ - first_); }
    const T& operator[](std::uint64_t n) const {
        const auto i = static_cast<std::size_t>(n - first_);
        return chunks_[i / ChunkSize]->items[i % ChunkSize];
    }
    const T& back() const { return (*this)[end_ - 1]; }

    void push_back(T value) {
        const std::size_t used = size() % ChunkSize;
        if (used == 0) {
            chunks_.push_back(std::make_shared<Chunk>());
            while (size() >= bound_ + ChunkSize) {
                chunks_.erase(chunks_.begin());
                first_ += ChunkSize;
            }
        }
        chunks_.back()->items[used] = std::move(value);
        ++end_;
    }

    // Gives up the oldest chunk, unless it is also the newest. The caller accounts for what was in it.
    bool drop_chunk() {
        if (chunks_.size() < 2) return false;
        chunks_.erase(chunks_.begin());
        first_ += ChunkSize;
        return true;
    }

    // Starts over with the next entry numbered `next` (used when a state is read back).
    void reset(std::uint64_t next, std::size_t bound) {
        chunks_.clear();
        first_ = end_ = next;
        bound_ = bound;
    }

    View publish() const {
        View view;
        view.chunks_.assign(chunks_.begin(), chunks_.end());
        view.first_ = first_;
        view.end_ = end_;
        return view;
    }

private:
    std::vector<std::shared_ptr<Chunk>> chunks_;
    std::uint64_t first_ = 0, end_ = 0;
    std::size_t bound_;
};

} // namespace fhirscope::engine
