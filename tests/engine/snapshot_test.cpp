#include "engine/snapshot.hpp"

#include "step_client.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::tests;

TEST_CASE("a snapshot finds a record by its reference, and the names of an update") {
    Client client;
    client.bind("s1");
    client.answer("Task?", 200, page({task("a", "1", "10:29:59")}));
    client.wait(std::chrono::milliseconds(10));
    const auto snapshot = client.engine.publish();
    const RecordPtr found = snapshot->find("Task/a");
    REQUIRE(found);
    CHECK(found->reference == "Task/a");
    for (const char* other : {"", "Task", "Task/", "Task/b", "Patient/a", "a"}) CHECK_FALSE(snapshot->find(other));
    REQUIRE(snapshot->updates.size() == 1);
    const UpdateRow& row = snapshot->updates[snapshot->updates.first()];
    CHECK(reference_of(*snapshot, row) == "Task/a");
    CHECK(type_of(*snapshot, row) == "Task");
    CHECK(reference_of(*snapshot, UpdateRow{}).empty());
    CHECK(type_of(*snapshot, UpdateRow{}).empty());
}
