#pragma once
// Tasks as a server may write them: any white space, escapes, digits and members, and texts that look like tokens or
// like the names of hidden texts.

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::tests {

inline const std::string wild_jwt =
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";

// In parts, so that a test can say what stands where.
struct WildTask {
    static constexpr char place = '\1';
    std::string head, middle, end; // version, status (at `place`) and priority stand between them

    std::string text(const std::string& version, const std::string& time, const std::string& status,
                     const std::string& priority = "routine") const {
        return head + R"("versionId":")" + version + R"(","lastUpdated":")" + time + "\"," +
               written(status, priority).substr(head.size());
    }
    // Without what the server sets.
    std::string written(const std::string& status, const std::string& priority = "routine") const {
        const auto split = middle.find(place);
        return head + middle.substr(0, split) + '"' + status + '"' + middle.substr(split + 1) + '"' + priority + '"' +
               end;
    }
};

class WildTasks {
public:
    // `more` are texts that may stand in strings, too.
    explicit WildTasks(std::uint64_t seed, std::vector<std::string> more = {})
        : random_(seed), more_(std::move(more)) {}

    WildTask next(const std::string& id) {
        has_note_ = false;
        WildTask task;
        task.head = space() + "{" + space() + R"("resourceType")" + colon() + R"("Task")" + comma() + R"("id":")" + id +
                    "\"" + comma() + R"("meta":{)" + space();
        task.middle = R"("source")" + colon() + string() + space() + "}" + comma() + members() + R"("status":)" +
                      WildTask::place + comma() + members() + R"("priority":)" + space();
        task.end = comma() + members() + R"("intent":"order")" + space() + "}";
        return task;
    }

    // Inside a JSON string, never empty.
    std::string characters() {
        static const std::array<std::string, 30> parts{wild_jwt,
                                                       "<jwt-1>",
                                                       "<jwt-2>",
                                                       "<=jwt-1>",
                                                       "<==access-token-1>",
                                                       R"(\u003cjwt-1>)",
                                                       R"(\u003C=jwt-1>)",
                                                       R"(<jwt\u002d1\u003e)",
                                                       R"(\\u003cjwt-1>)",
                                                       R"(\\<jwt-1>)",
                                                       R"(%3Cjwt-1%3E)",
                                                       R"(<foreign-1>)",
                                                       R"(\/)",
                                                       R"(\u00e9)",
                                                       "\xc3\xa9",
                                                       R"(\")",
                                                       R"(\\)",
                                                       R"(\n)",
                                                       "&#47;",
                                                       "access_token=abcdefgh1234",
                                                       R"(\"client_secret\":\"ab\\\"cd\")",
                                                       R"({\"secret\": \"x y\"})",
                                                       "eyJ",
                                                       "<",
                                                       "<jwt-",
                                                       "<jwt-01>",
                                                       "<access-token-1",
                                                       "plain words",
                                                       " ",
                                                       R"(https:\/\/video.example\/j?tk=)" + wild_jwt};
        std::string out;
        for (std::size_t i = 1 + below(4); i > 0; --i) {
            const std::size_t chosen = below(parts.size() + more_.size());
            out += chosen < parts.size() ? parts[chosen] : more_[chosen - parts.size()];
        }
        return out.find_first_not_of(' ') == out.npos ? "x" + out : out;
    }

private:
    std::size_t below(std::size_t end) { return random_() % end; }
    std::string space() { return std::array<std::string, 6>{"", "", "", " ", "\n  ", "\t"}[below(6)]; }
    std::string colon() { return space() + ":" + space(); }
    std::string comma() { return space() + "," + space(); }
    std::string string() { return '"' + characters() + '"'; }
    std::string number() {
        return std::array<std::string, 8>{
            "1.50", "1e2", "-0.0", "100", "0.10000000000000000001", "12345678901234567890.10", "2E-3", "1.0"}[below(8)];
    }
    std::string name() {
        return std::array<std::string, 4>{R"("unknown)", R"("\u0065xtra)", R"("access_token)", R"("x-)"}[below(4)] +
               std::to_string(++members_) + '"';
    }
    std::string value(int depth) {
        switch (below(depth > 2 ? 4 : 6)) {
            case 0:
                return number();
            case 1:
                return below(2) == 0 ? "true" : "false";
            case 4: {
                std::string array = "[" + space() + value(depth + 1);
                for (std::size_t i = below(3); i > 0; --i) array += comma() + value(depth + 1);
                return array + space() + "]";
            }
            case 5: {
                const std::string first = below(3) == 0 ? R"("secret")" : name();
                std::string object = "{" + space() + first + colon() + value(depth + 1);
                for (std::size_t i = below(3); i > 0; --i) object += comma() + name() + colon() + value(depth + 1);
                return object + space() + "}";
            }
            default:
                return string();
        }
    }
    std::string members() {
        std::string all;
        for (std::size_t i = below(3); i > 0; --i) all += name() + colon() + value(0) + comma();
        if (below(3) == 0 && !has_note_) {
            has_note_ = true;
            all += R"("note":[{"text":)" + string() + "}]" + comma();
        }
        return all;
    }

    std::mt19937_64 random_;
    std::vector<std::string> more_;
    int members_ = 0;
    bool has_note_ = false;
};

} // namespace fhirscope::tests
