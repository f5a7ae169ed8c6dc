#pragma once
// Another client's traffic as a test writes it down, and what the diagnosis says of a capture.

#include "diagnosis/incident_text.hpp"
#include "diagnosis/report.hpp"
#include "diagnosis/report_parts.hpp"
#include "session/import.hpp"
#include "support/paths.hpp"
#include "watch.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace fhirscope::tests {

// A capture that begins at 2026-02-10 10:30:00.
class Capture {
public:
    Capture& pass(std::chrono::milliseconds time) {
        at_ += time;
        return *this;
    }
    // The answer comes 10 ms after the request.
    Capture& http(const std::string& method, const std::string& path, int status, const std::string& answer = "",
                  const std::string& sent = "") {
        const std::string same = R"("method":")" + method + R"(","url":"http://h/)" + path + "\"";
        line(R"("dir":"http-request",)" + same + body(sent));
        pass(10ms);
        return line(R"("dir":"http-response",)" + same + R"(,"ms":10,"status":)" + std::to_string(status) +
                    body(answer));
    }
    Capture& fhir(const std::string& method, const std::string& path, int status, const std::string& answer = "",
                  const std::string& sent = "") {
        return http(method, "fhir/R4/" + path, status, answer, sent);
    }
    Capture& open(const std::string& conn) {
        return line(R"("dir":"ws-open","conn":")" + conn + R"(","url":"ws://h/ws/subscriptions-r4")");
    }
    Capture& close(const std::string& conn, int code) {
        return line(R"("dir":"ws-close","conn":")" + conn + R"(","code":)" + std::to_string(code));
    }
    Capture& receive(const std::string& conn, const std::string& frame) {
        return line(R"("dir":"ws-recv","conn":")" + conn + "\"" + body(frame));
    }
    Capture& send(const std::string& conn, const std::string& frame) {
        return line(R"("dir":"ws-send","conn":")" + conn + "\"" + body(frame));
    }
    Capture& subscribe(const std::string& id, const std::string& criteria, const std::string& conn) {
        fhir("POST", "Subscription", 201,
             R"({"resourceType":"Subscription","id":")" + id + R"(","criteria":")" + criteria + "\"}");
        fhir(
            "GET", "Subscription/" + id + "/$get-ws-binding-token", 200,
            R"({"resourceType":"Parameters","parameter":[{"name":"token","valueString":"6a1f0c52-3f0e-4b0a-9a34-0d8f7b1f-)" +
                id + "\"}]}");
        return bind(id, conn);
    }
    Capture& bind(const std::string& id, const std::string& conn) {
        send(conn, R"({"type":"bind-with-token","payload":{"token":"6a1f0c52-3f0e-4b0a-9a34-0d8f7b1f-)" + id + "\"}}");
        return say(conn, id, "handshake");
    }
    Capture& say(const std::string& conn, const std::string& id, const std::string& type,
                 const std::string& resource = "") {
        std::string text = R"({"resourceType":"Bundle","type":"history","timestamp":")" + now() +
                           R"(","entry":[{"resource":{"resourceType":"SubscriptionStatus","status":"active","type":")" +
                           type + R"(","subscription":{"reference":"Subscription/)" + id + R"("}}})";
        if (!resource.empty()) text += R"(,{"resource":)" + resource + "}";
        return receive(conn, text + "]}");
    }
    // As the server has it now.
    std::string task(const std::string& id, int version, const std::string& status = "requested",
                     const std::string& type = "Task") const {
        return R"({"resourceType":")" + type + R"(","id":")" + id + R"(","meta":{"versionId":")" +
               std::to_string(version) + R"(","lastUpdated":")" + now() + R"("},"status":")" + status + "\"}";
    }
    static std::string listing(const std::vector<std::string>& resources) {
        std::string entries;
        for (const std::string& one : resources)
            entries += (entries.empty() ? "" : ",") + (R"({"resource":)" + one + "}");
        return R"({"resourceType":"Bundle","type":"searchset","entry":[)" + entries + "]}";
    }
    std::string now() const { return diagnosis::instant_text(at_); }
    std::string file() const {
        const std::filesystem::path folder = std::filesystem::path(output) / "captures";
        std::filesystem::create_directories(folder);
        const std::string path = (folder / "capture.jsonl").string();
        std::ofstream(path, std::ios::binary) << text_;
        return path;
    }

private:
    static std::string body(const std::string& text) {
        if (text.empty()) return {};
        return ",\"body\":" + (text.starts_with('{') ? text : "\"" + text + "\"");
    }
    Capture& line(const std::string& rest) {
        text_ += R"({"t":")" + now() + "\"," + rest + "}\n";
        return *this;
    }
    LocalTime at_{std::chrono::seconds(1'770'719'400)};
    std::string text_;
};

enum class Looks { EachSecond, OnceAtTheEnd };

// What is said when it ends. A command looks each second, a window opens the end at once.
struct Followed {
    explicit Followed(const std::string& path, Looks looks = Looks::EachSecond) {
        engine::Engine engine;
        LocalTime looked{};
        const auto imported = session::import_transcript(path, {}, engine, [&](const engine::Input& input) {
            if (looks == Looks::OnceAtTheEnd || input.at - looked < 1s || looked == LocalTime{}) {
                if (looked == LocalTime{}) looked = input.at;
                return;
            }
            looked = input.at;
            diagnosis.update(engine.publish()); // as it was before this input
        });
        INFO(path);
        REQUIRE(imported);
        diagnosis.update(engine.publish());
        incidents = diagnosis.incidents().going_on();
        const auto& over = diagnosis.incidents().over();
        incidents.insert(incidents.end(), over.begin(), over.end());
    }
    explicit Followed(const Capture& capture, Looks looks = Looks::EachSecond) : Followed(capture.file(), looks) {}

    // "D42 not-known attention [Task]", in the order of their beginning.
    std::vector<std::string> said() const {
        std::vector<diagnosis::IncidentPtr> sorted = incidents;
        std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
            return a->from != b->from ? a->from < b->from : a->id < b->id;
        });
        std::vector<std::string> lines;
        for (const auto& one : sorted)
            lines.push_back(std::string(one->id) + " " + std::string(to_string(one->state)) + " " +
                            std::string(diagnosis::word(one->severity)) + " [" + one->scope + "]");
        return lines;
    }
    const diagnosis::Incident& one() const {
        INFO(text());
        REQUIRE(incidents.size() == 1);
        return *incidents.front();
    }
    std::string text() const {
        std::string all;
        for (const auto& one : incidents) all += diagnosis::to_text(*one, incidents.front()->to).str() + "\n";
        return all;
    }
    Diagnosis diagnosis;
    std::vector<diagnosis::IncidentPtr> incidents;
};

} // namespace fhirscope::tests
