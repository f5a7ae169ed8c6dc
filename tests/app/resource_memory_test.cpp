// How much memory the resources shown may take: the command line before the settings before the default.

#include "app/resource_memory.hpp"

#include "engine/store.hpp"
#include "program.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>

using namespace fhirscope;
using namespace fhirscope::app;
using namespace fhirscope::tests;

constexpr std::uint64_t mebibyte = 1 << 20;

TEST_CASE("the resources shown may take what the settings say, unless the command line says otherwise") {
    const std::string path = fresh_path("memory-settings.json");
    std::ofstream(path) << R"({"limits":{"resource-memory":128}})";
    ViewOptions view;
    view.settings = path;
    CHECK(resource_memory(with_settings({}, view)) == 128 * mebibyte);
    CHECK(resource_memory(with_settings({.resource_bytes = 16 * mebibyte, .settings = {}}, view)) == 16 * mebibyte);
    view.no_settings = true;
    CHECK(resource_memory(with_settings({}, view)) == engine::StoreLimits{}.max_resource_bytes);
}

TEST_CASE("settings that cannot be used leave the default") {
    for (const char* text : {"", "{", R"({"limits":{"resource-memory":"much"}})", R"({"limits":{"resource-memory":1}})",
                             R"({"limits":7})"}) {
        const std::string path = fresh_path("bad-memory-settings.json");
        std::ofstream(path) << text;
        ViewOptions view;
        view.settings = path;
        INFO(text);
        CHECK(resource_memory(with_settings({}, view)) == engine::StoreLimits{}.max_resource_bytes);
    }
}

TEST_CASE("a session that was opened from the window has the window's settings") {
    ViewOptions window, none;
    window.settings = "/somewhere/settings.json";
    const MemoryOptions memory = with_settings(with_settings({}, window), none);
    CHECK(memory.settings == window.settings);
}
