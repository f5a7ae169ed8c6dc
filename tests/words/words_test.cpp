// Facts as sentences.

#include "words/words.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using engine::Fact;
using engine::FactCode;

namespace {

Fact of_every_part(FactCode code) {
    return {.code = code,
            .about = "Task/1",
            .name = "name",
            .words = "words",
            .detail = "detail",
            .status = 410,
            .failure = engine::Failure::Timeout,
            .count = 2,
            .from = 1,
            .to = 3,
            .duration = std::chrono::seconds(5),
            .causes = {engine::said("cause")}};
}

} // namespace

TEST_CASE("every code has a name and a sentence of its own parts") {
    for (std::size_t i = 1; i < engine::fact_codes; ++i) {
        const auto code = static_cast<FactCode>(i);
        INFO(engine::to_string(code));
        CHECK_FALSE(engine::to_string(code).empty());
        REQUIRE(words::sentences().contains(code));
        const std::string text = words::text(of_every_part(code));
        CHECK_FALSE(text.empty());
        CHECK(text.find_first_of("{}[]") == std::string::npos);
    }
    CHECK(words::text(Fact()).empty());
}

TEST_CASE("what is not known is left out, with the words about it") {
    CHECK(words::text({.code = FactCode::SocketClosed, .status = 1006}) == "socket closed (1006)");
    CHECK(words::text({.code = FactCode::SocketClosed, .words = "bye", .status = 4001}) == "socket closed (4001): bye");
    CHECK(words::text({.code = FactCode::MissedFound, .about = "Task/1", .name = "1a2b3c4d5e"}) ==
          "missed by the socket, found by a check: Task/1 version 1a2b3c4d");
    CHECK(words::text({.code = FactCode::MissedFound, .about = "Task/1", .status = 410}) ==
          "missed by the socket, found by a check: Task/1 (deleted)");
    CHECK(words::text({.code = FactCode::PageMissing, .count = 20, .to = 45}) ==
          "20 of 45: the server names no next page");
    CHECK(words::text({.code = FactCode::ResourceUnreadable, .about = "Task", .detail = "too deep"}) ==
          "rejected a Task: it cannot be read: too deep");
}

TEST_CASE("a fact says what it follows from, and what is so as well") {
    const Fact forbidden{.code = FactCode::Answered, .words = "Forbidden", .status = 403};
    const Fact left_out = Fact{.code = FactCode::LeftOut}.because(forbidden);
    CHECK(words::text(left_out) == "left out: the search was refused: HTTP 403: Forbidden");
    const Fact all = Fact{.code = FactCode::AllRefused}.because(left_out);
    CHECK(words::text(all) ==
          "every subscription was refused; the first: left out: the search was refused: HTTP 403: Forbidden");
    CHECK(all.why() == left_out);
    CHECK(all.has(FactCode::Answered));
    const Fact lost{.code = FactCode::EarlierAnswerLost};
    CHECK(words::text(forbidden.also(lost)) ==
          "HTTP 403: Forbidden; the answer to an earlier try was lost, so the edit may have been written");
    CHECK(Fact().also(lost) == lost);
    CHECK(forbidden.also({}) == forbidden);
    CHECK(words::text(Fact{.code = FactCode::NumbersUnreliable, .about = "Task"}.because(
              {.code = FactCode::NumberReused, .count = 7})) ==
          "Task: event numbers cannot be relied on: event 7 came again for another resource; they are not used any "
          "more, and what was lost is searched for");
}

TEST_CASE("another table gives other words") {
    const words::Sentences german{{FactCode::NoFrame, "seit {duration} kein Frame"}};
    CHECK(words::text({.code = FactCode::NoFrame, .duration = std::chrono::seconds(25)}, german) ==
          "seit 25 s kein Frame");
    CHECK(words::text({.code = FactCode::NoFrame, .duration = std::chrono::milliseconds(2'500)}) ==
          "no frame for 2500 ms");
}

TEST_CASE("braces in the words of others are words") {
    const std::string odd = "{about} [x] {cause}";
    CHECK(words::text({.code = FactCode::SocketOutcome, .words = odd}) == "the server says on the socket: " + odd);
}
