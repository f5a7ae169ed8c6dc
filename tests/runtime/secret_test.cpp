#include "runtime/secret.hpp"

#include "engine/archive.hpp"

#include <catch2/catch_test_macros.hpp>
#include <spdlog/fmt/fmt.h>

#include <concepts>
#include <ostream>
#include <string>
#include <type_traits>

namespace fhirscope::runtime {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) {
    out << value;
};
template <class T>
concept Archived = requires(engine::ArchiveWriter& archive, T& value) {
    value.archive(archive);
};

// The same questions answered with yes, so that a "no" below means something.
static_assert(Streamable<std::string> && fmt::is_formattable<std::string>::value &&
              std::equality_comparable<std::string>);

static_assert(!Streamable<Secret>);
static_assert(!fmt::is_formattable<Secret>::value);
static_assert(!std::equality_comparable<Secret>);
static_assert(!std::three_way_comparable<Secret>);
static_assert(!Archived<Secret>);
static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::is_convertible_v<std::string, Secret> && !std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);

} // namespace

TEST_CASE("a secret gives its value to expose() alone") {
    const Secret secret("hush");
    CHECK(secret.expose() == "hush");
    CHECK_FALSE(secret.empty());
    CHECK(Secret().empty());
}

TEST_CASE("moving a secret leaves nothing behind") {
    Secret from("hush");
    const char* const bytes = from.expose().data();
    const Secret to(std::move(from));
    CHECK(to.expose() == "hush");
    CHECK(to.expose().data() == bytes);
    CHECK(from.empty()); // NOLINT: that is the point
}

TEST_CASE("taking a secret out of a string wipes the string") {
    std::string text = "hush-hush-hush-hush-hush-hush";
    const char* const bytes = text.data();
    const std::size_t size = text.size();
    const Secret secret = Secret::take(text);
    CHECK(secret.expose() == "hush-hush-hush-hush-hush-hush");
    CHECK(text.empty());
    CHECK(std::string(bytes, size) == std::string(size, '\0')); // the string still owns the memory
}

} // namespace fhirscope::runtime
