// Criteria as the FHIR R4 search page defines them; the embedded server searches by these.

#include "criteria_samples.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace fhirscope;
using namespace fhirscope::fhir;
using samples::patient_id;
using samples::practitioner_id;

namespace {

void check(const samples::MatchVectors& vectors, const ResourcePtr& resource) {
    samples::check_matches(MatchMode::Spec, vectors, resource);
}

constexpr Match yes = Match::Yes;
constexpr Match no = Match::No;
constexpr Match unknown = Match::Unknown;

} // namespace

TEST_CASE("spec: tokens") {
    check({{"Task", yes},
           {"Patient", no},
           {"Task?status=in-progress", yes},
           {"Task?status=IN-PROGRESS", yes},
           {"Task?status=completed,in-progress", yes},
           {"Task?status:not=completed", yes},
           {"Task?status:not=completed,in-progress", no},
           {"Task?status=in-progress&status=ready", no},
           {"Task?status=http://hl7.org/fhir/task-status|in-progress", yes}, // the binding implies the system
           {"Task?status=http://other.example|in-progress", no},
           {"Task?status=|in-progress", no},
           {"Task?status:missing=false", yes},
           {"Task?requester:missing=true", yes},
           {"Task?requester:missing=maybe", unknown},
           {"Task?code=draw-blood", yes},
           {"Task?code=http://x.example/codes|draw-blood", yes},
           {"Task?code=http://x.example/codes|", yes},
           {"Task?code=|draw-blood", no},
           {"Task?code=Draw Blood", no}, // a display is no code
           {"Task?code:text=blood", unknown},
           {"Task?code:in=http://valueset", unknown},
           {"Task?identifier=T-1", yes},
           {"Task?identifier=Local Id", no},
           {"Task?identifier=http://x.example/ids|T-1", yes},
           {"Task?_tag=http://x.example/tags|ICU", yes},
           {"Task?_id=8d0c7a52-5b1e-4e0c-9a53-3f0f6f0d1a11", yes},
           {"Task?_id=1,8d0c7a52-5b1e-4e0c-9a53-3f0f6f0d1a11", yes}},
          samples::vector_task());
}

TEST_CASE("spec: an escaped bar belongs to the code") {
    const ResourcePtr task = samples::resource(R"({"resourceType":"Task","id":"1","identifier":[{"value":"a|b"}]})");
    check({{R"(Task?identifier=a\|b)", yes}, {"Task?identifier=a|b", no}}, task);
}

TEST_CASE("spec: references by type and id, by id, and with the type as a modifier") {
    check({{"Task?owner=Practitioner/" + practitioner_id, yes},
           {"Task?owner=" + practitioner_id, yes},
           {"Task?owner:Practitioner=" + practitioner_id, yes},
           {"Task?owner:Patient=" + practitioner_id, no},
           {"Task?owner=https://h/fhir/R4/Practitioner/" + practitioner_id, yes},
           {"Task?owner=Practitioner/other", no},
           {"Task?patient=" + patient_id, yes},
           {"Task?subject=Patient/" + patient_id, yes},
           {"Task?owner:not=Practitioner/other", yes},
           {"Task?owner:identifier=a|b", unknown},
           {"Task?owner=", unknown}},
          samples::vector_task());
}

TEST_CASE("spec: stored references may be absolute or versioned") {
    const ResourcePtr task = samples::resource(
        R"({"resourceType":"Task","id":"1","owner":{"reference":"https://h/fhir/R4/Practitioner/p1/_history/3"},)"
        R"("basedOn":[{"reference":"urn:uuid:1-2"}]})");
    check({{"Task?owner=Practitioner/p1", yes},
           {"Task?owner=https://h/fhir/R4/Practitioner/p1", yes},
           {"Task?owner=https://elsewhere/fhir/Practitioner/p1", no},
           {"Task?based-on=urn:uuid:1-2", yes}},
          task);
}

TEST_CASE("spec: a date matches by its interval") {
    // authoredOn is the second 09:00:00, lastUpdated the millisecond 10:30:15.123.
    check({{"Task?authored-on=2026", yes},
           {"Task?authored-on=2026-02-10", yes},
           {"Task?authored-on=2026-02-10T09:00Z", yes},
           {"Task?authored-on=2026-02-10T09:00:00Z", yes},
           {"Task?authored-on=2026-02-10T09:00:00.500Z", no}, // the value is less precise than asked for
           {"Task?authored-on=ne2026-02-10", no},
           {"Task?authored-on=ne2026-02-11", yes},
           {"Task?authored-on=2026-02-09,2026-02-10", yes},
           {"Task?authored-on=gt2026-02-09", yes},
           {"Task?authored-on=gt2026-02-10", no},
           {"Task?authored-on=ge2026-02-10", yes},
           {"Task?authored-on=ge2026-02-11", no},
           {"Task?authored-on=lt2026-02-11", yes},
           {"Task?authored-on=le2026-02-10", yes},
           {"Task?authored-on=le2026-02-09", no},
           {"Task?authored-on=sa2026-02-09", yes},
           {"Task?authored-on=eb2026-02-11", yes},
           {"Task?authored-on=ap2026-02-10", yes},
           {"Task?authored-on=ap2026-02-11", unknown},
           {"Task?authored-on=2026-02-30", unknown},
           {"Task?authored-on=yesterday", unknown},
           {"Task?authored-on:missing=false", yes}},
          samples::vector_task());
}

TEST_CASE("spec: _lastUpdated to the millisecond, as a catch-up search asks") {
    check({{"Task?_lastUpdated=2026-02-10T10:30:15.123Z", yes},
           {"Task?_lastUpdated=eq2026-02-10T10:30:15.122Z", no},
           {"Task?_lastUpdated=ge2026-02-10T10:30:15.123Z", yes},
           {"Task?_lastUpdated=ge2026-02-10T10:30:15.124Z", no},
           {"Task?_lastUpdated=gt2026-02-10T10:30:15.123Z", no},
           {"Task?_lastUpdated=gt2026-02-10T10:30:15.122Z", yes},
           {"Task?_lastUpdated=le2026-02-10T10:30:15.123Z", yes},
           {"Task?_lastUpdated=lt2026-02-10T10:30:15.123Z", no},
           {"Task?_lastUpdated=ge2026-02-10T10:30:15Z", yes},
           {"Task?_lastUpdated=ge2026-02-10T12:30:15.123%2B02:00", yes},
           {"Task?_lastUpdated=ge2026-02-10T10:30:15.000Z&_lastUpdated=lt2026-02-10T10:30:16.000Z", yes}},
          samples::vector_task());
}

TEST_CASE("spec: a period is an interval with open ends") {
    check({{"Task?period=2026-03", no},
           {"Task?period=ge2026-03", yes},
           {"Task?period=lt2026-02-10", no},
           {"Task?period=sa2026-02-09", yes},
           {"Task?due-date=le2026-02-28", yes},
           {"Task?due-date=gt2026-02-28", no}},
          samples::vector_task());
}

TEST_CASE("spec: strings start alike, without case and accents") {
    check({{"Patient?name=neil", no},
           {"Patient?name=o'neil", yes},
           {"Patient?given=ana maria", yes},
           {"Patient?given=ANA", yes},
           {"Patient?given=maria", no},
           {"Patient?given:contains=maria", yes},
           {"Patient?family:exact=O'Neil-Smith", yes},
           {"Patient?family:exact=o'neil-smith", no},
           {"Patient?name=ana,bob", yes},
           {"Patient?name:text=ana", unknown}},
          samples::vector_patient());
}

TEST_CASE("spec: each part of a name counts by itself") {
    const ResourcePtr patient = samples::resource(
        R"({"resourceType":"Patient","id":"1","name":[{"use":"official","text":"Dr. Quick","family":"Slow","given":["Sam"],)"
        R"("prefix":["Prof."],"period":{"start":"2020"}}],"address":[{"use":"home","line":["1 Main St"],"city":"Salem",)"
        R"("country":"US"}]})");
    check({{"Patient?name=dr. q", yes},
           {"Patient?name=slow", yes},
           {"Patient?name=prof", yes},
           {"Patient?name=official", no},
           {"Patient?name=2020", no},
           {"Patient?address=us", yes},
           {"Patient?address=1 main", yes},
           {"Patient?address=home", no}},
          patient);
}

TEST_CASE("spec: the other parameters of a Patient") {
    check({{"Patient?email=ana@x.example", yes},
           {"Patient?phone=ana@x.example", no},
           {"Patient?organization=o1", yes},
           {"Patient?deceased=false", yes},
           {"Patient?active=true", yes},
           {"Patient?active=false", no},
           {"Patient?gender=female", yes},
           {"Patient?birthdate=1980-02", yes},
           {"Patient?birthdate=lt1981", yes}},
          samples::vector_patient());
    // The month ends where the calendar says, unlike with Medplum.
    check({{"Patient?birthdate=1980-02", no}}, samples::vector_patient(R"("birthDate":"1980-03-01",)"));
    // What is not there matches nothing.
    check({{"Patient?birthdate=ne1980", no}}, samples::vector_patient(""));
}

TEST_CASE("spec: a uri is compared in full") {
    const ResourcePtr task = samples::resource(
        R"({"resourceType":"Task","id":"1","meta":{"profile":["http://x.example/my-task"],"source":"http://s"}})");
    check({{"Task?_profile=http://x.example/my-task", yes},
           {"Task?_profile=my-task", no},
           {"Task?_profile:below=http://x.example", unknown},
           {"Task?_source=http://s", yes}},
          task);
}

TEST_CASE("spec: choice elements of an Observation, a Practitioner and a Basic") {
    const ResourcePtr observation = samples::resource(
        R"({"resourceType":"Observation","id":"1","status":"final","code":{"coding":[{"system":"http://loinc.org",)"
        R"("code":"2339-0"}]},"subject":{"reference":"Patient/p1"},"effectivePeriod":{"start":"2026-02-10","end":"2026-02-11"}})");
    check({{"Observation?status=final&code=http://loinc.org|2339-0&patient=p1", yes},
           {"Observation?date=2026-02", yes},
           {"Observation?date=2026-02-10", no}, // the period ends later
           {"Observation?value-quantity=5", unknown}},
          observation);
    check({{"Practitioner?name=ana&active=true", yes}},
          samples::resource(R"({"resourceType":"Practitioner","id":"1","active":true,"name":[{"family":"Ana"}]})"));
    check({{"Basic?code=bed", yes}, {"Basic?code=room", no}},
          samples::resource(R"({"resourceType":"Basic","id":"1","code":{"coding":[{"code":"bed"}]}})"));
}

TEST_CASE("spec: what cannot be decided here is unknown, unless something else says no") {
    check({{"Task?foo=1", unknown},
           {"Task?foo=1&status=in-progress", unknown},
           {"Task?foo=1&status=completed", no},
           {"Task?patient.name=ana", unknown},
           {"Task?priority-order=50", unknown}},
          samples::vector_task());
}
