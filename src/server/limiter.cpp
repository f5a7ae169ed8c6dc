#include "server/limiter.hpp"

#include "fhir/json_writer.hpp"

namespace fhirscope::server {

namespace {
constexpr auto period = std::chrono::milliseconds(60'000);
constexpr std::uint64_t plenty = 1'000'000'000;
} // namespace

Limiter::Charge Limiter::charge(std::string_view who, std::uint64_t points, ServerTime now) {
    auto found = windows_.find(who);
    if (found == windows_.end()) {
        if (windows_.size() >= max_windows) windows_.clear();
        found = windows_.emplace(std::string(who), Window{now, 0}).first;
    }
    auto& window = found->second;
    if (now >= window.begin + period || now < window.begin) window = {now, 0};
    window.used += points;
    auto limit = limit_ == 0 ? plenty : limit_;
    Charge charge;
    charge.allowed = limit_ == 0 || window.used <= limit;
    charge.remaining = window.used < limit ? limit - window.used : 0;
    charge.reset = window.begin + period - now;
    if (!charge.allowed) {
        fhir::JsonWriter json;
        json.object()
            .member("_remainingPoints", 0)
            .member("_msBeforeNext", charge.reset.count())
            .member("_consumedPoints", window.used)
            .member("_isFirstInDuration", false)
            .member("limit", limit)
            .end();
        charge.diagnostics = json.take();
    }
    return charge;
}

} // namespace fhirscope::server
