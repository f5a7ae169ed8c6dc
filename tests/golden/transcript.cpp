#include "transcript.hpp"

#include "fhir/json.hpp"
#include "fhir/reference.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>
#include <stdexcept>

namespace fhirscope::tests {

namespace {

using rapidjson::Value;

const Value* member(const Value& object, const char* name) {
    if (!object.IsObject()) return nullptr;
    const auto it = object.FindMember(name);
    return it == object.MemberEnd() ? nullptr : &it->value;
}

std::string string_of(const Value& object, const char* name) { return std::string(fhir::string_at(object, name)); }

class TranscriptReader {
public:
    Transcript run(const std::string& path) {
        newer_ = path.find("medplum-5.1") != path.npos;
        std::ifstream file(path, std::ios::binary);
        if (!file) throw std::runtime_error("no transcript " + path);
        std::string text;
        while (std::getline(file, text, '\n')) {
            auto line = fhir::parse_json(text, {64u << 20, 128, 65'536});
            if (!line) throw std::runtime_error(path + ": " + line.error().message);
            take(*line);
        }
        for (const auto& [subscription, open] : open_)
            for (const LiveTime& live : open) end_live(live, ServerTime::max());
        for (auto& [reference, commits] : out_.commits) {
            std::stable_sort(
                commits.begin(), commits.end(), [](const Commit& a, const Commit& b) { return a.at < b.at; });
        }
        return std::move(out_);
    }

private:
    void take(const Value& line) {
        now_ = fhir::parse_instant(string_of(line, "t")).value();
        const std::string dir = string_of(line, "dir");
        if (dir == "http-request") request(line);
        if (dir == "http-response") response(line);
        if (dir == "ws-recv") received(line);
        if (dir == "ws-send") sent(line);
        if (dir == "ws-close") closed(string_of(line, "conn"));
    }

    void request(const Value& line) {
        const Value* headers = member(line, "headers");
        const std::string authorization = headers ? string_of(*headers, "authorization") : "";
        // Exchanges that overlap (in `burst`) are all of one client, so the last request tells whose the answer is.
        token_ = authorization.substr(std::min(authorization.size(), std::string("Bearer ").size()));
        request_body_.SetObject();
        if (const Value* body = member(line, "body")) request_body_.CopyFrom(*body, request_body_.GetAllocator());
    }

    void response(const Value& line) {
        const std::string method = string_of(line, "method"), url = string_of(line, "url");
        const int status = member(line, "status")->GetInt();
        const Value* body = member(line, "body");
        const bool good = status >= 200 && status < 300;
        if (url.ends_with("/oauth2/token") && good) {
            project_of_token_[string_of(*body, "access_token")] = string_of(*member(*body, "project"), "reference");
            return;
        }
        const auto base = url.find("/fhir/R4");
        if (base == url.npos) return;
        std::string path = url.substr(std::min(base + 9, url.size()));
        if (path.starts_with("Subscription")) return subscription(method, path, good, body);
        const bool read = method == "GET";
        if (path.find("/_history") != path.npos || path.find('$') != path.npos) return;
        const bool partial = path.find("_elements") != path.npos || path.find("_fields") != path.npos ||
                             path.find("_summary") != path.npos || path.find("_deleted") != path.npos;
        path = path.substr(0, path.find('?'));
        const bool instance = path.find('/') != path.npos;
        if (method == "DELETE" && good && instance) return deleted(path);
        if (read && instance && (status == 410 || status == 404)) return answer(path, {"", nullptr, true, now_}, true);
        if (!good || !body->IsObject()) return;
        if (string_of(*body, "resourceType") == "Bundle") return bundle(*body, read, !partial);
        version(*body, read, !partial);
    }

    void bundle(const Value& bundle, bool read, bool whole) {
        const Value* entries = member(bundle, "entry");
        if (!entries || !entries->IsArray()) return;
        const Value* asked = member(request_body_, "entry");
        for (rapidjson::SizeType i = 0; i < entries->Size(); ++i) {
            const Value& entry = (*entries)[i];
            const Value* response = member(entry, "response");
            const Value* resource = member(entry, "resource");
            if (!read && asked && asked->IsArray() && i < asked->Size()) {
                const Value& request = *member((*asked)[i], "request");
                const bool done = response && string_of(*response, "status").starts_with("2");
                if (string_of(request, "method") == "DELETE" && done) deleted(string_of(request, "url"));
            }
            if (resource) version(*resource, read, whole);
        }
    }

    // A version as an answer shows it.
    void version(const Value& resource, bool read, bool whole) {
        auto parsed = fhir::parse_resource(fhir::to_text(resource));
        if (!parsed || (*parsed)->version_id().empty() || !(*parsed)->last_updated()) return;
        const std::string& reference = (*parsed)->reference();
        const std::string version((*parsed)->version_id());
        auto& commits = out_.commits[reference];
        const auto known =
            std::find_if(commits.begin(), commits.end(), [&](const Commit& c) { return c.version == version; });
        if (known == commits.end())
            commits.push_back({*(*parsed)->last_updated(), version, *parsed, project_of_token_[token_]});
        else if (whole && read)
            known->content = *parsed;
        answer(reference, {version, *parsed, whole, now_}, read);
    }

    void deleted(const std::string& reference) {
        const auto last = out_.last_answer.find(reference);
        if (last != out_.last_answer.end() && last->second.version.empty()) return; // it was deleted already
        const fhir::ResourcePtr content = last == out_.last_answer.end() ? nullptr : last->second.resource;
        out_.commits[reference].push_back({now_, "", content, project_of_token_[token_]});
        answer(reference, {"", nullptr, true, now_}, false);
    }

    void answer(const std::string& reference, Answer answer, bool read) {
        if (read) out_.last_read[reference] = answer;
        // Answers to overlapping writes come in any order: the newest version stands.
        const auto last = out_.last_answer.find(reference);
        const bool older = last != out_.last_answer.end() && answer.resource && last->second.resource &&
                           answer.resource->last_updated() < last->second.resource->last_updated();
        if (!older || read) out_.last_answer[reference] = std::move(answer);
    }

    void subscription(const std::string& method, const std::string& path, bool good, const Value* body) {
        if (method == "POST" && path == "Subscription" && good) {
            LiveTime made;
            made.subscription = string_of(*body, "id");
            made.criteria = string_of(*body, "criteria");
            made.project = project_of_token_[token_];
            const Value* channel = member(*body, "channel");
            made.plain = !member(*body, "extension") && channel && string_of(*channel, "type") == "websocket";
            made_[made.subscription] = made;
            // A websocket Subscription is never stored (PROTOCOL A7); others are resources like any.
            if (!channel || string_of(*channel, "type") != "websocket") version(*body, false, true);
        }
        const std::string id = path.size() > 13 ? path.substr(13, path.find('/', 13) - 13) : "";
        const bool itself = path == "Subscription/" + id;
        if (method == "GET" && itself && good) dead_.erase(id); // a read is the proof of life (PROTOCOL A13)
        if (method == "PUT" && itself && good) change(id, string_of(*body, "criteria"));
        if (path.ends_with("$get-ws-binding-token") && good) {
            for (const Value& parameter : member(*body, "parameter")->GetArray())
                if (string_of(parameter, "name") == "token")
                    subscription_of_token_[string_of(parameter, "valueString")] = id;
        }
        if (method == "DELETE" && itself && good) die(id);
    }

    // Criteria that change take effect at once, also where they are bound (PROTOCOL A13); on 5.1 what they let in more
    // than before does only after the next bind (A14).
    void change(const std::string& id, const std::string& criteria) {
        made_[id].criteria = criteria;
        for (LiveTime& live : open_[id]) {
            end_live(live, now_);
            live.criteria = criteria;
            if (!newer_) live.bound = criteria;
            live.from = now_;
        }
    }

    void bound_again(const std::string& id) {
        for (LiveTime& live : open_[id]) {
            if (live.bound == live.criteria) continue;
            end_live(live, now_);
            live.bound = live.criteria;
            live.from = now_;
        }
    }

    void received(const Value& line) {
        const Value* body = member(line, "body");
        const Value* entries = body ? member(*body, "entry") : nullptr;
        if (!entries || !entries->IsArray() || entries->Empty()) return;
        const Value& status = *member((*entries)[0], "resource");
        const std::string kind = string_of(status, "type");
        const Value* subscription = member(status, "subscription");
        const std::string id = subscription ? string_of(*subscription, "reference").substr(13) : "";
        if (kind == "handshake" && !dead_.contains(id)) {
            if (conn_of_[id].insert(string_of(line, "conn")).second) { // else a re-bind
                LiveTime live = made_[id];
                live.bound = live.criteria;
                live.from = now_;
                open_[id].push_back(live);
            }
            bound_again(id);
        }
        if (kind == "event-notification") {
            auto resource = fhir::parse_resource(fhir::to_text(*member((*entries)[1], "resource")));
            out_.deliveries[(*resource)->reference()].push_back(
                {now_, fhir::parse_instant(string_of(*body, "timestamp")).value(),
                 std::string((*resource)->version_id()), id, *resource});
        }
    }

    void sent(const Value& line) {
        const Value* body = member(line, "body");
        const Value* payload = body ? member(*body, "payload") : nullptr;
        if (!payload || string_of(*body, "type") != "unbind-from-token") return;
        const auto found = subscription_of_token_.find(string_of(*payload, "token"));
        if (found == subscription_of_token_.end()) return;
        // 5.1: only on the socket that holds the binding.
        if (!newer_ || conn_of_[found->second].contains(string_of(line, "conn"))) die(found->second);
    }

    // A socket takes all Subscriptions that are bound on it with it (PROTOCOL A13).
    void closed(const std::string& conn) {
        std::vector<std::string> bound;
        for (const auto& [id, conns] : conn_of_)
            if (conns.contains(conn)) bound.push_back(id);
        for (const std::string& id : bound) die(id);
    }

    void die(const std::string& id) {
        for (const LiveTime& live : open_[id]) end_live(live, now_);
        open_.erase(id);
        conn_of_.erase(id);
        dead_.insert(id);
    }

    void end_live(LiveTime live, ServerTime to) {
        live.to = to;
        out_.live.push_back(std::move(live));
    }

    Transcript out_;
    bool newer_ = false; // 5.1
    ServerTime now_;
    std::string token_; // of the last request
    rapidjson::Document request_body_;
    std::map<std::string, std::string> project_of_token_, subscription_of_token_;
    std::map<std::string, LiveTime> made_;
    std::map<std::string, std::vector<LiveTime>> open_;
    std::map<std::string, std::set<std::string>> conn_of_;
    std::set<std::string> dead_;
};

} // namespace

Transcript Transcript::read(const std::string& path) { return TranscriptReader().run(path); }

bool Transcript::had_to_be_told(const Commit& commit) const {
    return std::any_of(
        live.begin(), live.end(),
        [&](const LiveTime& one) {
            if (!one.plain || commit.at < one.from || commit.at > one.to || !commit.content) return false;
            if (!commit.project.empty() && one.project != commit.project) return false;
            const auto matches = [&](const std::string& text) {
                const auto criteria = fhir::Criteria::parse(text);
                return criteria && criteria->type() == commit.content->type() &&
                       criteria->matches(*commit.content, fhir::MatchMode::Medplum) == fhir::Match::Yes;
            };
            return matches(one.criteria) && matches(one.bound);
        });
}

} // namespace fhirscope::tests
