#pragma once
// A log in the state. A keyframe has its entries; of the hash they are part by the digest, which stays when they leave.

#include "engine/chunked.hpp"
#include "engine/digest.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace fhirscope::engine {

template <class T, std::size_t ChunkSize = 1024>
class HashedLog : public Log<T, ChunkSize> {
public:
    using Log<T, ChunkSize>::Log;
    Digest digest; // whoever appends says what of the entry is hashed

    template <class A>
    void archive(A& a) {
        a(digest);
        if constexpr (!A::hashing) archive_entries(a);
    }

private:
    template <class A>
    void archive_entries(A& a) {
        std::uint64_t first = this->first();
        a(first);
        const std::size_t n = a.count(this->size());
        if constexpr (A::reading) {
            this->reset(first);
            for (std::size_t i = 0; i < n && a.ok(); ++i) {
                T value{};
                a(value);
                this->push_back(std::move(value));
            }
        } else {
            for (std::uint64_t i = first; i < this->end(); ++i) a((*this)[i]);
        }
    }
};

} // namespace fhirscope::engine
