// Criteria as Medplum 5.2.13 evaluates them: the vectors of PROTOCOL F5, and what a real 5.0.10 server sent.

#include "criteria_samples.hpp"
#include "fhir/notification.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <map>
#include <set>

using namespace fhirscope;
using namespace fhirscope::fhir;
using samples::patient_id;
using samples::practitioner_id;

namespace {

Match match(const std::string& criteria, const Resource& resource) {
    return samples::match(MatchMode::Medplum, criteria, resource);
}

void check(const std::vector<std::pair<std::string, bool>>& vectors, const ResourcePtr& resource) {
    samples::MatchVectors all;
    for (const auto& [criteria, expected] : vectors) all.emplace_back(criteria, expected ? Match::Yes : Match::No);
    samples::check_matches(MatchMode::Medplum, all, resource);
}

} // namespace

TEST_CASE("Medplum: tokens of the Task") {
    check({{"Task", true},
           {"Patient", false},
           {"Task?", true},
           {"Task?status=IN-Progress", true},
           {"Task?status=completed,in-progress", true},
           {"Task?status:not=completed", true},
           {"Task?status:not=completed,in-progress", false},
           {"Task?status=in-progress&status=ready", false},
           {"Task?status=in-progress&intent=order", true},
           {"Task?status:foo=in-progress", true},
           {"Task?status=http://hl7.org/fhir/task-status|requested", false},
           {"Task?status=http://hl7.org/fhir/task-status|in-progress", false},
           {"Task?status=|in-progress", true},
           {"Task?status=", false},
           {"Task?code=http://x.example/codes|", true},
           {"Task?code=HTTP://X.example/codes|DRAW-blood", true},
           {"Task?code=http://x.example/codes|other", false},
           {"Task?code=|draw-blood", false},
           {"Task?code=|", false},
           {"Task?code=Draw Blood", true},
           {"Task?code=Draw%20Blood", true},
           {"Task?code=blood+draw+PLEASE", true},
           {"Task?code=|blood draw please", true},
           {"Task?identifier=t-1", true},
           {"Task?identifier=http://x.example/ids|T-1", true},
           {"Task?identifier=|T-1", false},
           {"Task?identifier=Local Id", true},
           {"Task?_tag=icu", true},
           {"Task?_tag=http://x.example/tags|icu", true},
           {"Task?_security=R", false},
           {"Task?_id=8d0c7a52-5b1e-4e0c-9a53-3f0f6f0d1a11", true},
           {"Task?_id=8D0C7A52-5B1E-4E0C-9A53-3F0F6F0D1A11", true},
           {"Task?_id=other", false}},
          samples::vector_task());
}

TEST_CASE("Medplum: parameters that it does not evaluate never match") {
    check({{"Task?foo=1", false},
           {"Task?foo:missing=true", false},
           {"Task?foo:not=1", false},
           {"Task?priority-order=50", false},
           {"Task?_deleted=true", false}},
          samples::vector_task());
}

TEST_CASE("Medplum: parameters that shape a result are passed over") {
    check({{"Task?_count=1&_sort=-_lastUpdated", true},
           {"Task?_include=Task:patient&_format=json&_pretty=true&_elements=id&_total=accurate", true}},
          samples::vector_task());
}

TEST_CASE("Medplum: references are compared as texts") {
    check({{"Task?patient=Patient/" + patient_id, true},
           {"Task?patient=" + patient_id, true}, // 5.0.10: false
           {"Task?patient=Patient/other", false},
           {"Task?patient=https://h/fhir/R4/Patient/" + patient_id, false},
           {"Task?patient=Patient/" + patient_id + "/_history/1", false},
           {"Task?subject=Patient/" + patient_id, true},
           {"Task?subject=" + patient_id, false},
           {"Task?owner=Practitioner/" + practitioner_id, true},
           {"Task?owner=Practitioner/x,Practitioner/" + practitioner_id, true},
           {"Task?owner:Practitioner=" + practitioner_id, false},
           {"Task?requester:missing=true", true},
           {"Task?requester:missing=false", false},
           {"Task?requester:present=false", true},
           {"Task?owner:missing=false", true},
           {"Task?requester=", true},
           {"Task?requester:Practitioner=", true},
           {"Task?requester:exact=", false},
           {"Task?owner=", false},
           {"Task?requester:not=Practitioner/x", true},
           {"Task?owner:not=Practitioner/" + practitioner_id, false},
           {"Task?based-on=aaa", false},
           {"Task?based-on=ServiceRequest/aaa", true}},
          samples::vector_task());
}

TEST_CASE("Medplum: a patient parameter sees patients only") {
    const ResourcePtr task = samples::resource(R"({"resourceType":"Task","id":"1","for":{"reference":"Group/g1"}})");
    check({{"Task?subject=Group/g1", true}, {"Task?patient=Group/g1", false}, {"Task?patient:missing=true", true}},
          task);
}

TEST_CASE("Medplum: dates of the Task") {
    check({{"Task?authored-on=2026-02", true},
           {"Task?authored-on=gt2026-02-10", false},
           {"Task?authored-on=ge2026-02-10", true},
           {"Task?authored-on=lt2026-02-10", false},
           {"Task?authored-on=le2026-02-10", true},
           {"Task?authored-on=sa2026-02-09", true},
           {"Task?authored-on=eb2026-02-11", true},
           {"Task?authored-on=ap2026-02-10", true},
           {"Task?authored-on=ne2026-02-10", false},
           {"Task?authored-on=ne2026-02-11", true},
           {"Task?authored-on=eq2026-02-10", true},
           {"Task?authored-on=2026-02-10T09:00Z", false},
           {"Task?_lastUpdated=2026-02-10T10:30:15.123Z", false},
           {"Task?_lastUpdated=ge2026-02-10T10:30:15.123Z", true},
           {"Task?_lastUpdated=gt2026-02-10T10:30:15.123Z", false},
           {"Task?_lastUpdated=gt2026-02-10T10:30:15.122Z", true},
           {"Task?modified=2026-02-10T10:30:15Z", true},
           {"Task?modified=2026-02-10T10:30:15", true}, // without a zone it is UTC
           {"Task?modified=2026-02-10T12:30:15%2B02:00", true},
           {"Task?period=2026-03", true}, // its end is open
           {"Task?period=2026-01", false},
           {"Task?due-date=le2026-02-28", true},
           {"Task?due-date=2026-03", false},
           {"Task?due-date:missing=false", true}},
          samples::vector_task());
}

TEST_CASE("Medplum: what its parser refuses never matches") {
    check({{"Task?authored-on=2026-02-10,2026-02-11", false},
           {"Task?modified=2026-02-10T12:30:15+02:00", false}, // the + became a space
           {"Task?authored-on=ne", false},
           {"Task?authored-on=ne2026-02-30", false},
           {"Task?authored-on=ne2026-02-10T10", false},
           {"Task?authored-on=ne2026-02-10T23:59:60Z", false},
           {"Task?authored-on=ne0000", false},
           {"Task?authored-on=yesterday", false},
           {"Task?authored-on=", false}},
          samples::vector_task());
}

TEST_CASE("Medplum: strings and tokens of the Patient") {
    check({{"Patient?name=neil", true},
           {"Patient?name=J O'Neil", true}, // one formatted string
           {"Patient?name=O'Neil-Smith Ana", false},
           {"Patient?family:exact=smith", true},
           {"Patient?family:contains=SMITH", true},
           {"Patient?given=maria", false},
           {"Patient?given=MARÍA", true},
           {"Patient?given=mar%C3%ADa", true},
           {"Patient?name=ana,bob", true},
           {"Patient?name=ana\\,bob", false},
           {"Patient?name:not=bob", true},
           {"Patient?name:not=ana", false},
           {"Patient?email=ANA@x.EXAMPLE", true},
           {"Patient?email=email|ana@x.example", true},
           {"Patient?phone=Ana@X.example", false},
           {"Patient?phone=+1 555 0100", false},
           {"Patient?phone=%2B1 555 0100", true},
           {"Patient?phone=5550100", false},
           {"Patient?telecom=ana@x.example", true},
           {"Patient?organization=o1", true},
           {"Patient?organization=Organization/o1", true},
           {"Patient?general-practitioner=" + practitioner_id, false},
           {"Patient?deceased=false", true},
           {"Patient?deceased=true", false},
           {"Patient?deceased:missing=true", false},
           {"Patient?gender=Female", true},
           {"Patient?active=true", true},
           {"Patient?identifier=abc-1", true},
           {"Patient?identifier=|abc-1", true}},
          samples::vector_patient());
}

TEST_CASE("Medplum: birth dates") {
    check({{"Patient?birthdate=1980", true},
           {"Patient?birthdate=1980-02-29", true},
           {"Patient?birthdate=1980-03", false}},
          samples::vector_patient());
    // Day 31 of February counts on into March.
    check({{"Patient?birthdate=1980-02", true}}, samples::vector_patient(R"("birthDate":"1980-03-01",)"));
    check({{"Patient?birthdate=ne1980", true}, {"Patient?birthdate=1980", false}}, samples::vector_patient(""));
    check({{"Patient?birthdate=1980-06-15", true}}, samples::vector_patient(R"("birthDate":"1980",)"));
}

TEST_CASE("Medplum: an absent boolean") {
    check({{"Patient?active:not=true", true}, {"Patient?active=false", false}, {"Patient?active:missing=true", true}},
          samples::vector_patient("", ""));
}

TEST_CASE("Medplum: a name's text counts only where there are no parts") {
    const ResourcePtr parts = samples::resource(
        R"({"resourceType":"Patient","id":"1","name":[{"text":"Dr. Quick","family":"Slow","given":["S"],"prefix":["Prof."]}]})");
    check({{"Patient?name=quick", false}, {"Patient?name=prof. s slow", true}}, parts);
    check({{"Patient?name=quick", true}},
          samples::resource(R"({"resourceType":"Patient","id":"1","name":[{"text":"Dr. Quick"}]})"));
}

TEST_CASE("Medplum: an address is one formatted string") {
    const ResourcePtr patient = samples::resource(
        R"({"resourceType":"Patient","id":"1","address":[{"use":"home","line":["1 Main St","Apt 2"],"city":"Salem",)"
        R"("state":"OR","postalCode":"97301","country":"US"}]})");
    check({{"Patient?address=apt 2, salem, or, 97301", true},
           {"Patient?address=US", false},
           {"Patient?address-country=us", true},
           {"Patient?address-city=ale", true},
           {"Patient?address-use=HOME", true}},
          patient);
}

TEST_CASE("Medplum: a dead patient") {
    const ResourcePtr patient =
        samples::resource(R"({"resourceType":"Patient","id":"1","deceasedDateTime":"2026-01-05T10:00:00Z"})");
    check({{"Patient?deceased=true", true},
           {"Patient?death-date=2026-01", true},
           {"Patient?death-date=gt2026-01-05", false}},
          patient);
}

TEST_CASE("Medplum: codes inside extensions") {
    const ResourcePtr patient = samples::resource(
        R"({"resourceType":"Patient","id":"1","extension":[{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",)"
        R"("extension":[{"url":"ombCategory","valueCoding":{"system":"s","code":"2106-3"}},{"url":"text","valueString":"x"}]},)"
        R"({"url":"http://example.test/other","extension":[{"url":"ombCategory","valueCoding":{"code":"2028-9"}}]}]})");
    check({{"Patient?race=2106-3", true}, {"Patient?race=2028-9", false}, {"Patient?ethnicity=2106-3", false}},
          patient);
}

TEST_CASE("Medplum: a profile is found by any part of its address") {
    const ResourcePtr task = samples::resource(
        R"({"resourceType":"Task","id":"1","meta":{"profile":["http://x.example/StructureDefinition/my-task"]}})");
    check({{"Task?_profile=my-task", true}, {"Task?_profile=MY-TASK", true}, {"Task?_profile=your-task", false}}, task);
}

TEST_CASE("Medplum: what only a server can decide is unknown") {
    const ResourcePtr task = samples::vector_task();
    for (const char* criteria :
         {"Task?patient.name=ana", "Task?_has:Observation:focus:code=1", "Task?_filter=status eq x"}) {
        INFO(criteria);
        CHECK(match(criteria, *task) == Match::Unknown);
    }
    const ResourcePtr device = samples::resource(R"({"resourceType":"Device","id":"1"})");
    CHECK(match("Device?udi-carrier=x", *device) == Match::Unknown); // a type that our tables leave out
    CHECK(match("Device?_id=1", *device) == Match::Yes);
    CHECK(match("Device?_id=2&udi-carrier=x", *device) == Match::No);
}

// ---- what the real matcher and the real server did ----

TEST_CASE("Medplum: 600 random criteria and resources match as its own code says") {
    // Invented resources, each with the answer of matchesSearchRequest() of @medplum/core 5.2.13; false where it threw.
    std::ifstream file(std::string(tests::fixtures) + "/../fhir/medplum-5.2.13-matcher.jsonl");
    int vectors = 0;
    for (std::string line; std::getline(file, line); ++vectors) {
        const auto vector = parse_json(line);
        REQUIRE(vector.has_value());
        INFO(line);
        const bool expected = (*vector)["matches"].GetBool();
        CHECK(match(std::string(string_at(*vector, "criteria")), *samples::resource(to_text((*vector)["resource"]))) ==
              (expected ? Match::Yes : Match::No));
    }
    CHECK(vectors == 600);
}

TEST_CASE("every event of the real server matches the criteria of its subscription") {
    int checked = 0;
    for (const char* name : samples::fixture_files) {
        std::map<std::string, std::string> criteria_of;
        for (const samples::Line& line : samples::transcript(name)) {
            if (line.direction == "http-response" &&
                line.body.find("\"resourceType\":\"Subscription\"") != std::string::npos) {
                const auto body = parse_json(line.body);
                REQUIRE(body.has_value());
                if (string_at(*body, "resourceType") == "Subscription")
                    criteria_of[std::string(string_at(*body, "id"))] = string_at(*body, "criteria");
            }
            if (line.direction != "ws-recv") continue;
            const auto notification = decode_medplum_frame(line.body);
            REQUIRE(notification.has_value());
            for (const NotificationEvent& event : notification->events) {
                const auto found = criteria_of.find(notification->subscriptions.at(0));
                if (found == criteria_of.end()) continue;
                const auto criteria = Criteria::parse(found->second);
                INFO(name << ": " << found->second << " on " << event.focus);
                REQUIRE(criteria.has_value());
                CHECK(criteria->matches(*event.resource, MatchMode::Medplum) == Match::Yes);
                ++checked;
            }
        }
    }
    CHECK(checked > 600);
}
