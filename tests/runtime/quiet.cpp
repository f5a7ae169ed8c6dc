// The program's log says nothing during tests; what it should hold is tested with a log of its own.

#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
#include <spdlog/spdlog.h>

namespace {

class Quiet : public Catch::EventListenerBase {
public:
    using EventListenerBase::EventListenerBase;
    void testRunStarting(const Catch::TestRunInfo&) override { spdlog::set_level(spdlog::level::off); }
};

} // namespace

CATCH_REGISTER_LISTENER(Quiet)
