#include "runtime/scopes.hpp"

#include <catch2/catch_test_macros.hpp>

using fhirscope::runtime::may_update;

TEST_CASE("scopes of the first version allow updates by write or by everything") {
    CHECK(may_update("openid user/Task.write", "Task"));
    CHECK(may_update("system/*.*", "Task"));
    CHECK_FALSE(may_update("openid user/Task.read", "Task"));
    CHECK_FALSE(may_update("user/*.read user/Patient.write", "Task"));
}

TEST_CASE("scopes of the second version allow updates by their letter, also with a filter") {
    CHECK(may_update("user/Task.cruds", "Task"));
    CHECK(may_update("patient/Task.u?owner=Practitioner/1", "Task"));
    CHECK_FALSE(may_update("user/*.rs", "Task"));
    CHECK_FALSE(may_update("user/Task.rs?status=unused", "Task"));
    CHECK_FALSE(may_update("user/Task.", "Task"));
}

TEST_CASE("where no scope is about resources the server's policy alone decides") {
    CHECK(may_update("", "Task"));
    CHECK(may_update("openid fhirUser launch/patient", "Task"));
}
