#include "engine/bounds.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>

using namespace fhirscope::engine;

TEST_CASE("a configuration from a file gets no larger bounds than this program's own") {
    Config hostile;
    for (std::size_t* bound :
         {&hostile.store.max_resource_bytes, &hostile.store.max_resources, &hostile.store.max_versions,
          &hostile.store.max_history_bytes, &hostile.queue_max, &hostile.queue_max_bytes, &hostile.update_rows,
          &hostile.frame_rows, &hostile.frame_bytes, &hostile.event_rows, &hostile.rejection_rows,
          &hostile.conflict_rows})
        *bound = SIZE_MAX;
    hostile.batch = UINT32_MAX;
    const auto lowered = lower_bounds(hostile, 32u << 20);
    CHECK(lowered.size() == 13);
    const Config own;
    CHECK(hostile.store.max_resource_bytes == 32u << 20);
    CHECK(hostile.store.max_resources == own.store.max_resources);
    CHECK(hostile.store.max_versions == own.store.max_versions);
    CHECK(hostile.store.max_history_bytes == own.store.max_history_bytes);
    CHECK(hostile.batch == own.batch);
    CHECK(hostile.queue_max == own.queue_max);
    CHECK(hostile.queue_max_bytes == own.queue_max_bytes);
    CHECK(hostile.update_rows == own.update_rows);
    CHECK(hostile.frame_rows == own.frame_rows);
    CHECK(hostile.frame_bytes == own.frame_bytes);
    CHECK(hostile.event_rows == own.event_rows);
    CHECK(hostile.rejection_rows == own.rejection_rows);
    CHECK(hostile.conflict_rows == own.conflict_rows);
}

TEST_CASE("bounds that are small enough stay as they are") {
    Config config;
    config.store.max_resource_bytes = 16u << 20;
    config.update_rows = 8;
    CHECK(lower_bounds(config, 32u << 20).empty());
    CHECK(config.store.max_resource_bytes == 16u << 20);
    CHECK(config.update_rows == 8);
}
