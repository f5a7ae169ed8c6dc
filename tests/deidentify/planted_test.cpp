// Names, identifiers, telephones and addresses in every place of a session; none of them is in what comes out.

#include "deidentify/deidentifier.hpp"
#include "engine/archive.hpp"
#include "fhir/ascii.hpp"
#include "fhir/base64.hpp"
#include "fhir/json_writer.hpp"
#include "fhir/percent.hpp"
#include "fhir/resource.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace fhirscope;

namespace {

// Each in a form of its own: letters, digits, punctuation, other scripts, quotes.
const std::vector<std::string> planted{"Quintana",
                                       "Maria del Carmen",
                                       "L\u00f3pez-Garc\u00eda",
                                       "MRN-77309151234",
                                       "77309151234",
                                       "+1-555-867-5309",
                                       "5558675309",
                                       "maria.quintana@hospital.test",
                                       "42 Elderberry Lane",
                                       "90210-4455",
                                       "078-05-1120",
                                       "Springfieldium",
                                       "quintana-1931",
                                       "O\"Hara \\ Sons",
                                       "\u5c71\u7530\u592a\u90ce",
                                       "stjohns-hospital.test"};

std::string escaped(const std::string& text) {
    const std::string quoted = fhir::quote(text);
    return quoted.substr(1, quoted.size() - 2);
}

// Every way in which such a text can stand in bytes.
std::vector<std::string> forms_of_planted(const std::string& text) {
    std::vector<std::string> forms{text,
                                   escaped(text),
                                   escaped(escaped(text)),
                                   fhir::percent_encode(text),
                                   fhir::percent_encode(text, {}, fhir::HexDigits::Lower),
                                   fhir::encode_base64(text, fhir::Base64::Standard)};
    std::string as_units;
    for (const char c : text) {
        const char* hex = "0123456789abcdef";
        as_units += std::string("\\u00") + hex[static_cast<unsigned char>(c) >> 4] + hex[c & 15];
    }
    if (std::ranges::all_of(text, [](char c) { return c > 0; })) forms.push_back(as_units);
    return forms;
}

std::string with(std::string pattern, const std::string& text) {
    for (std::size_t at = 0; (at = pattern.find('@', at)) != pattern.npos; at += text.size())
        pattern.replace(at, 1, text);
    return pattern;
}

// `@` is the place. Each is JSON with a text of any kind in it.
const std::
    vector<std::string>
        bodies{
            R"j({"resourceType":"Patient","id":"p1","text":{"status":"generated","div":"<div>@</div>"}})j",
            R"j({"resourceType":"Patient","id":"p1","name":[{"use":"official","text":"@","family":"@","given":["@"],"prefix":["@"],"suffix":["@"]}]})j",
            R"j({"resourceType":"Patient","id":"p1","identifier":[{"system":"http://hl7.org/fhir/sid/us-ssn","value":"@","assigner":{"display":"@"},"type":{"text":"@"}}]})j",
            R"j({"resourceType":"Patient","id":"p1","identifier":[{"system":"https://@/mrn","value":"1"}]})j",
            R"j({"resourceType":"Patient","id":"p1","telecom":[{"system":"phone","value":"@"},{"system":"email","value":"x@@"},{"system":"url","value":"http://@/"}]})j",
            R"j({"resourceType":"Patient","id":"p1","address":[{"text":"@","line":["@"],"city":"@","district":"@","state":"@","postalCode":"@","country":"@"}]})j",
            R"j({"resourceType":"Patient","id":"p1","gender":"@","active":true,"birthDate":"@","photo":[{"title":"@","url":"http://127.0.0.1/@","data":"@","hash":"@"}]})j",
            R"j({"resourceType":"Patient","id":"p1","contact":[{"name":{"family":"@"},"relationship":[{"text":"@","coding":[{"system":"http://loinc.org","code":"1","display":"@"}]}]}]})j",
            R"j({"resourceType":"Patient","id":"p1","maritalStatus":{"coding":[{"system":"https://@","code":"@","display":"@","version":"@"}]}})j",
            R"j({"resourceType":"Patient","id":"p1","contained":[{"resourceType":"Organization","id":"@","name":"@","alias":["@"]}],"managingOrganization":{"reference":"#@","display":"@"}})j",
            R"j({"resourceType":"Patient","id":"p1","extension":[{"url":"https://@/x","valueString":"@"},{"url":"x","valueCode":"@"},{"url":"x","valueMarkdown":"@"},{"url":"x","valueUri":"@"},{"url":"x","valueId":"@"},{"url":"x","valueOid":"urn:oid:@"},{"url":"x","valueDateTime":"@"}]})j",
            R"j({"resourceType":"Patient","id":"p1","_birthDate":{"extension":[{"url":"x","valueString":"@"}]},"modifierExtension":[{"url":"x","valueHumanName":{"text":"@"}}]})j",
            R"j({"resourceType":"@","id":"@","meta":{"versionId":"@","lastUpdated":"@","source":"@","profile":["https://@"],"tag":[{"system":"https://@","code":"@","display":"@"}],"author":{"reference":"Practitioner/@","display":"@"}}})j",
            R"j({"resourceType":"Task","id":"t","status":"requested","intent":"@","priority":"@","description":"@","note":[{"text":"@","authorString":"@"}],"for":{"reference":"Patient/@","display":"@"},"owner":{"identifier":{"value":"@"},"type":"@"}})j",
            R"j({"resourceType":"Task","id":"t","businessStatus":{"text":"@"},"statusReason":{"coding":[{"code":"@"}]},"input":[{"type":{"text":"@"},"valueString":"@"}],"instantiatesUri":"https://@/","groupIdentifier":{"value":"@"}})j",
            R"j({"resourceType":"Observation","id":"o","valueString":"@","valueQuantity":{"value":1,"unit":"@","system":"https://@","code":"@"},"interpretation":[{"text":"@"}],"specimen":{"display":"@"}})j",
            R"j({"resourceType":"Binary","id":"b","contentType":"@","data":"@","securityContext":{"reference":"@"}})j",
            R"j({"resourceType":"Encounter","id":"e","class":{"code":"@"},"location":[{"location":{"display":"@"}}],"period":{"start":"@","end":"@"}})j",
            R"j({"resourceType":"OperationOutcome","id":"@","issue":[{"severity":"error","code":"@","details":{"text":"no access for @","coding":[{"code":"@","display":"@"}]},"diagnostics":"@","location":["@"],"expression":["Patient.name.where(family='@')"]}]})j",
            R"j({"resourceType":"Parameters","parameter":[{"name":"@","valueString":"@"},{"name":"token","valueString":"@"},{"name":"websocket-url","valueUrl":"wss://@/ws"},{"name":"topic","valueCanonical":"https://@/t"},{"name":"type","valueCode":"@"},{"name":"event-number","valueString":"@"},{"name":"patch","part":[{"name":"@","valueHumanName":{"family":"@"}}]}]})j",
            R"j({"resourceType":"Bundle","id":"@","type":"history","link":[{"relation":"next","url":"https://@/Patient?family=@&_cursor=@"}],"entry":[{"fullUrl":"https://@/Patient/@","resource":{"resourceType":"Patient","id":"@","name":[{"text":"@"}]},"request":{"method":"PUT","url":"Patient/@/_history/@"},"response":{"status":"200 @","location":"https://@/Patient/@","etag":"W/\"@\"","lastModified":"@","outcome":{"resourceType":"OperationOutcome","issue":[{"diagnostics":"@"}]}},"search":{"mode":"match"}}]})j",
            R"j({"resourceType":"Subscription","id":"@","status":"active","reason":"fhirscope: @","criteria":"Patient?family=@&identifier=https://@|@","channel":{"type":"websocket","endpoint":"https://@/","header":["X: @"],"payload":"@"},"error":"@","contact":[{"value":"@"}],"end":"@"})j",
            R"j({"resourceType":"SubscriptionStatus","id":"@","status":"active","type":"event-notification","eventsSinceSubscriptionStart":"@","notificationEvent":[{"eventNumber":"@","timestamp":"@","focus":{"reference":"Patient/@"},"additionalContext":[{"reference":"@"}]}],"subscription":{"reference":"Subscription/@"},"topic":"@","error":[{"text":"@"}]})j",
            R"j({"resourceType":"Patient","id":"p1","somethingOwn":"@","other":{"@":"@","deep":[["@",{"@":1}]]}})j",
            R"j({"resourceType":"Patient","id":"p1","@":true,"_@":{"id":"@"}})j",
            R"j({"resourceType":"DocumentReference","id":"d","content":[{"attachment":{"url":"https://@/x.pdf?sig=@","title":"@"}}],"context":{"sourcePatientInfo":{"reference":"https://@/Patient/@"}}})j",
            R"j({"type":"bind-with-token","payload":{"token":"@","@":"@"}})j",
            R"j({"grant_type":"@","access_token":"@","profile":{"reference":"Practitioner/@","display":"@"},"scope":"@ openid"})j",
            R"j(["@",{"a":"@"}])j",
            R"j("@")j",
            R"j({"a":"@)j",             // cut off
            R"j(<html>Dear @</html>)j", // a portal
            R"j(bound @)j",
            R"j(add 12
{"resourceType":"Patient","id":"@","name":[{"text":"@"}]})j",
            R"j(Invalid bind request: @)j",
            R"j(grant_type=password&username=@)j",
        };

const std::vector<std::string> addresses{"Patient/@",
                                         "/Patient/@",
                                         "https://@/fhir/R4/Patient?name=@",
                                         "https://user:@@host.test/",
                                         "Patient?family=@&identifier=https://@|@&_id=@&birthdate=ge@",
                                         "Patient?_sort=@&_count=@&_cursor=@&_since=@&@=1&name:exact=@",
                                         "Patient?_has:Observation:patient:code=@&general-practitioner.name=@",
                                         "mailto:@",
                                         "tel:@",
                                         "@",
                                         "#@",
                                         "urn:oid:@",
                                         "http://hl7.org/fhir/Patient/@",
                                         "Task/1/_history/@",
                                         "x#@"};

// One of each kind of input, with the text in every field.
std::vector<engine::Input> session_with(const std::string& plain) {
    using namespace engine;
    std::vector<Input> inputs;
    std::int64_t t = 1'770'719'400'000'000;
    const auto put = [&](InputBody body) {
        inputs.push_back({LocalTime(std::chrono::microseconds(t += 1'000)), std::move(body)});
    };
    const std::string json = escaped(plain), in_url = fhir::percent_encode(plain);
    Config config;
    config.base_url = "https://" + in_url + "/" + in_url + "/";
    config.fhir_path = in_url + "/";
    config.socket_path = "ws/" + in_url;
    config.dialect.bind_template = "bind " + plain + " {token}";
    config.dialect.socket_url = "wss://" + in_url;
    config.dialect.topics = {{plain, "https://" + in_url + "/topic"}};
    config.default_strategy = plain;
    config.subscriptions = {{plain, "Patient?family=" + in_url}};
    config.panels = {{plain,
                      plain,
                      plain,
                      "Patient?family=" + in_url,
                      {{plain, plain, "name.where(family = '" + plain + "').given", ColumnKind::Text, 90, true},
                       {"status", plain, plain, ColumnKind::Text, 90, true}},
                      plain,
                      {{plain, plain}, {"*", "ask"}}}};
    put(Start{config, make_text("not a cache: " + plain)});
    for (const std::string& body : bodies) {
        const std::string text = with(body, body.front() == '<' || body.front() == 'b' ? plain : json);
        put(HttpAnswer{1, 200, "application/json; x=" + plain, "W/\"" + plain + "\"", "Patient/" + in_url, plain,
                       "\"" + plain + "\";r=1", plain, make_text(text), false, plain});
        put(Frame{1, make_text(text)});
        put(FrameSent{1, make_text(text)});
        put(Observed{"PUT",
                     "https://x/Patient/" + in_url,
                     200,
                     make_text(text),
                     make_text(text),
                     {},
                     plain,
                     "https://x/" + in_url,
                     plain});
    }
    for (const std::string& address : addresses)
        for (const std::string& form : {plain, in_url})
            put(Observed{plain, with(address, form), 200, nullptr, nullptr, {}, "", with(address, form), ""});
    put(HttpFailed{2, Failure::Tls, "the certificate of " + plain + " has expired"});
    put(SocketFailed{2, Failure::Refused, plain});
    put(SocketClosed{1, 1006, "closed for " + plain});
    put(Command{SetFocus{plain, "Patient/" + plain}});
    put(Command{ReadResource{"Patient/" + plain}});
    put(Command{AskServer{plain}});
    put(Command{DiscardEdit{"Patient/" + plain}});
    put(Command{SetDefaultStrategy{plain}});
    put(Command{Edit{"Patient/" + plain,
                     {{"name[0].family", fhir::quote(plain)},
                      {"telecom[system=phone,value=" + plain + "].value", fhir::quote(plain)},
                      {"note[+].text", "{\"" + json + "\":\"" + json + "\"}"},
                      {plain, fhir::quote(plain)},
                      {"description", plain}}}});
    put(Command{Resolve{1, Resolve::Action::Merge, {{"name[text=" + plain + "]", fhir::Side::Local}}}});
    return inputs;
}

} // namespace

TEST_CASE("what was planted in every place of a session is in none of what comes out") {
    for (const std::string& secret : planted) {
        deidentify::Deidentifier deidentifier({"a key of the test"});
        std::size_t number = 0, found_before = 0;
        for (engine::Input& input : session_with(secret)) {
            const auto before = fhir::lower_ascii(engine::to_bytes(input));
            deidentifier.apply(input);
            const auto after = fhir::lower_ascii(engine::to_bytes(input));
            for (const std::string& form : forms_of_planted(secret)) {
                found_before += before.find(fhir::lower_ascii(form)) != before.npos ? 1 : 0;
                INFO("input " << number << " (" << engine::name_of(input.body) << "): " << form << " in " << after);
                REQUIRE(after.find(fhir::lower_ascii(form)) == after.npos);
            }
            ++number;
        }
        CHECK(found_before >= number); // it was in every one
    }
}

TEST_CASE("what is JSON stays JSON, and what is not stays none") {
    deidentify::Deidentifier deidentifier({"a key of the test"});
    for (const std::string& body : bodies) {
        const std::string before = with(body, "Quintana");
        engine::Input input{LocalTime{}, engine::Frame{1, engine::make_text(before)}};
        deidentifier.apply(input);
        const std::string& after = *std::get<engine::Frame>(input.body).text;
        INFO(before << "\n" << after);
        CHECK(fhir::parse_resource(before).has_value() == fhir::parse_resource(after).has_value());
    }
}
