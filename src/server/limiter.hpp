#pragma once
// Points a minute, as Medplum counts requests and interactions (PROTOCOL A6).

#include "fhir/time.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace fhirscope::server {

class Limiter {
public:
    struct Charge {
        bool allowed = true;
        std::uint64_t remaining = 0;
        std::chrono::milliseconds reset{};
        std::string diagnostics; // of a refusal: JSON text with Medplum's own names
    };

    // `limit` 0: nothing is refused, and plenty is reported as remaining.
    explicit Limiter(std::uint64_t limit) : limit_(limit) {}

    // What is refused is counted, too.
    Charge charge(std::string_view who, std::uint64_t points, ServerTime now);

private:
    struct Window {
        ServerTime begin{};
        std::uint64_t used = 0;
    };
    std::uint64_t limit_;
    std::map<std::string, Window, std::less<>> windows_; // at most max_windows: the whole table starts again beyond it
    static constexpr std::size_t max_windows = 1000;
};

} // namespace fhirscope::server
