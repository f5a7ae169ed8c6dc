#pragma once
// Ids and what stands for them. Of two ids of one shape the greater gets the greater: an engine goes through resources in
// the order of their references, so what it asks for, and when, stays as it was.

#include "deidentify/invention.hpp"
#include "fhir/random.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace fhirscope::deidentify {

// Whether it is written as one, in lower case.
bool is_uuid(std::string_view text);

class IdMap {
public:
    static constexpr std::size_t most = 4'000'000; // ids; what comes then is not in order any more

    // It must outlive it.
    explicit IdMap(const Invention& invention);
    // UUID for UUID, a number of 18 digits for a number, a word of 31 characters for any other.
    std::string map(std::string_view id);
    std::size_t size() const { return known_; }
    // So many could not be put in order.
    std::uint64_t out_of_order() const { return out_of_order_; }

private:
    using Value = Wide;
    // The ids of one shape, each with its place among 0 to `end`.
    struct Shape {
        Value end = 0;
        std::map<std::string, Value, std::less<>> values{};
    };
    Value place(Shape& shape, std::string_view id);
    Value drawn_below(Value bound);

    const Invention& invention_;
    Random random_;
    Shape uuids_, numbers_, words_;
    std::size_t known_ = 0;
    std::uint64_t out_of_order_ = 0;
};

} // namespace fhirscope::deidentify
