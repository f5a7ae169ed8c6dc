#pragma once
// Running hashes: what ever went into a log stays in the state hash after the entry itself has left.

#include "engine/archive.hpp"

#include <cstdint>
#include <string_view>

namespace fhirscope::engine {

std::uint64_t hash_bytes(const void* data, std::size_t size, std::uint64_t seed);
inline std::uint64_t hash_bytes(std::string_view text) { return hash_bytes(text.data(), text.size(), 0); }

class Digest {
public:
    void add(const void* data, std::size_t size) { value_ = hash_bytes(data, size, value_); }
    void add(std::string_view text) { add(text.data(), text.size()); }
    // Of the hash of what an archive of it would hold.
    template <class T>
    void add_hash(const T& value);
    std::uint64_t value() const { return value_; }
    template <class A>
    void archive(A& a) {
        a(value_);
    }

private:
    std::uint64_t value_ = 0;
};

// Hashes what an ArchiveWriter would write, without keeping it: bytes are folded in by the block.
class ArchiveHasher : public ArchiveBase<ArchiveHasher> {
public:
    static constexpr bool reading = false, hashing = true;
    void raw(const void* data, std::size_t size) {
        const auto* bytes = static_cast<const char*>(data);
        if (size > sizeof block_) return fold(), digest_.add(bytes, size);
        if (used_ + size > sizeof block_) fold();
        std::memcpy(block_ + used_, bytes, size);
        used_ += size;
    }
    std::size_t count(std::size_t n) {
        const std::uint64_t wide = n;
        raw(&wide, sizeof wide);
        return n;
    }
    bool ok() const { return true; }
    void fail() {}
    std::uint64_t value() {
        fold();
        return digest_.value();
    }

private:
    void fold() {
        if (used_) digest_.add(block_, used_);
        used_ = 0;
    }
    Digest digest_;
    char block_[4096];
    std::size_t used_ = 0;
};

template <class T>
void Digest::add_hash(const T& value) {
    ArchiveHasher hasher;
    hasher(value);
    const std::uint64_t hash = hasher.value();
    add(&hash, sizeof hash);
}

} // namespace fhirscope::engine
