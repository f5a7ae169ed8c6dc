// Bundles of type batch and transaction (PROTOCOL A5).
#include "fhir/base64.hpp"
#include "fhir/json.hpp"
#include "server/fhir_api.hpp"
#include "server/rules.hpp"

#include <map>

namespace fhirscope::server {

namespace {

using rapidjson::Value;

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

const Value* request_of(const Value& entry) {
    if (!entry.IsObject()) return nullptr;
    auto request = entry.FindMember("request");
    return request == entry.MemberEnd() || !request->value.IsObject() ? nullptr : &request->value;
}

} // namespace

FhirApi::Reply FhirApi::batch(const Call& call) {
    auto bundle = read_body(call);
    if (!bundle) return outcomes::bad_request(bundle.error().message);
    auto type = std::string(fhir::string_at(*bundle, "type"));
    if (fhir::string_at(*bundle, "resourceType") != "Bundle") return outcomes::bad_request("Not a bundle");
    if (type != "batch" && type != "transaction") return outcomes::bad_request("Unrecognized bundle type: " + type);
    auto entries = bundle->FindMember("entry");
    if (entries == bundle->MemberEnd() || !entries->value.IsArray())
        return outcomes::bad_request("Missing bundle entry");

    // Entries refer to each other by urn:uuid; ids of what they create are chosen before anything is written.
    std::vector<std::string> new_ids;
    std::vector<std::pair<std::string, std::string>> references;
    for (const auto& entry : entries->value.GetArray()) {
        new_ids.emplace_back();
        auto request = request_of(entry);
        if (!request || fhir::string_at(*request, "method") != "POST" ||
            fhir::string_at(*request, "url") == "Subscription")
            continue;
        new_ids.back() = store_.random().uuid();
        auto full_url = fhir::string_at(entry, "fullUrl");
        if (full_url.starts_with("urn:"))
            references.emplace_back(fhir::quote(full_url),
                                    fhir::quote(std::string(fhir::string_at(*request, "url")) + "/" + new_ids.back()));
    }

    bool atomic = type == "transaction";
    if (atomic) store_.begin();
    Reply reply;
    fhir::JsonWriter json;
    json.object().member("resourceType", "Bundle").member("type", type + "-response").array("entry");
    std::size_t position = 0;
    for (const auto& entry : entries->value.GetArray()) {
        auto answer = batch_entry(call, entry, new_ids[position++], references);
        if (atomic && answer.status >= 400) {
            store_.roll_back();
            return answer;
        }
        auto outcome = answer.outcome         ? answer.body
                       : answer.status == 201 ? outcomes::created().body
                                              : outcomes::ok().body;
        json.object().object("response").raw("outcome", outcome).member("status", std::to_string(answer.status));
        if (!answer.location.empty()) json.member("location", answer.location);
        json.end();
        if (!answer.outcome && !answer.body.empty()) json.raw("resource", answer.body);
        json.end();
    }
    if (atomic) store_.keep();
    json.end().end();
    reply.body = json.take();
    return reply;
}

FhirApi::Reply FhirApi::batch_entry(const Call& outer, const Value& entry, const std::string& new_id,
                                    const std::vector<std::pair<std::string, std::string>>& references) {
    auto request = request_of(entry);
    if (!request) return outcomes::bad_request("Missing Bundle entry request");
    auto method = std::string(fhir::string_at(*request, "method"));
    auto url = fhir::string_at(*request, "url");
    if (method.empty() || url.empty()) return outcomes::bad_request("Missing Bundle entry request method or url");
    auto target = Target::parse(url);
    Call call;
    call.method = method;
    call.path = target.segments;
    call.query = target.query;
    call.content_type = "application/fhir+json";
    call.if_match = fhir::string_at(*request, "ifMatch");
    call.if_none_exist = fhir::string_at(*request, "ifNoneExist");
    call.new_id = new_id;
    call.extended = outer.extended;
    call.who = outer.who;
    call.client = outer.client;
    call.request = outer.request;
    if (call.path.empty()) return outcomes::not_found(); // a batch within a batch
    if (auto resource = entry.FindMember("resource"); resource != entry.MemberEnd()) {
        if (method == "PATCH" && fhir::string_at(resource->value, "resourceType") == "Binary") {
            auto operations = fhir::decode_base64(fhir::string_at(resource->value, "data"));
            if (!operations) return outcomes::bad_request("Invalid patch data");
            call.body = std::move(*operations);
        } else {
            call.body = fhir::to_text(resource->value);
        }
        for (const auto& [from, to] : references) replace_all(call.body, from, to);
    }
    auto reply = route(call);
    // Medplum names the place of what was written, also of an update.
    if (!reply.outcome && reply.location.empty() && (method == "PUT" || method == "PATCH") && call.path.size() == 2)
        reply.location = call.path[0] + "/" + call.path[1];
    return reply;
}

} // namespace fhirscope::server
