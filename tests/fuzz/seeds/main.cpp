// fuzz_seeds OUT: writes the corpora that fuzzing starts from, OUT/<target>/…, made from tests/fixtures.
#include "engine/engine.hpp"
#include "engine/input_message.hpp"
#include "fhir/json.hpp"
#include "session/import.hpp"
#include "support/paths.hpp"
#include "support/secret_forms.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace fhirscope;
namespace fs = std::filesystem;

constexpr std::size_t seed_bytes = 16u << 10; // larger ones only slow the search down
constexpr std::size_t seeds_of_a_kind = 12;

// The paths of the built-in panels, and one of each form that the grammar has.
constexpr const char* paths[] = {"status",
                                 "Task.status",
                                 "description | code.text | code.coding.display.first()",
                                 "subject.display | subject.reference",
                                 "name.where(use = 'official').text | name.first().family",
                                 "extension.where(url = 'https://fhirscope.example/a').valueString",
                                 "identifier[0].value",
                                 "name.given.last()",
                                 "deceased.exists()",
                                 "contact.where(relationship.coding.code = 'N').name.family",
                                 "note.where(text = 'it\\'s \\\\ here').exists()"};

class Corpora {
public:
    explicit Corpora(fs::path folder) : folder_(std::move(folder)) {}
    // `kind`: of a target's seeds that look alike only the first few are kept.
    void add(const std::string& target, const std::string& kind, const std::string& bytes) {
        if (bytes.size() > seed_bytes * 4 || ++count_[target + "/" + kind] > seeds_of_a_kind) return;
        fs::create_directories(folder_ / target);
        std::ofstream(folder_ / target / ("seed-" + std::to_string(++number_)), std::ios::binary) << bytes;
    }
    int number() const { return number_; }

private:
    fs::path folder_;
    std::map<std::string, std::size_t> count_;
    int number_ = 0;
};

std::string type_of(const rapidjson::Value& value) {
    return value.IsObject() ? std::string(fhir::string_at(value, "resourceType")) : std::string();
}

void add_line(Corpora& corpora, const rapidjson::Document& line, std::string& resource) {
    const std::string direction(fhir::string_at(line, "dir"));
    const auto body = line.FindMember("body");
    if (body == line.MemberEnd()) return;
    const std::string text = body->value.IsString()
                                 ? std::string(body->value.GetString(), body->value.GetStringLength())
                                 : fhir::to_text(body->value);
    if (text.size() > seed_bytes) return;
    if (direction == "ws-recv") {
        const auto event = text.find("event-notification") != text.npos;
        corpora.add("frame", type_of(body->value) + (event ? " event" : ""), text);
    }
    const std::string type = type_of(body->value);
    if (type.empty()) return;
    corpora.add("validation", type, text);
    if (type == "Subscription") {
        const std::string criteria(fhir::string_at(body->value, "criteria"));
        if (!resource.empty()) corpora.add("criteria", criteria, criteria + "\n" + resource);
    } else if (type == "Task" || type == "Patient") {
        resource = text;
        corpora.add("edit", type, text);
        const std::string secret = "s3cr3t/client+secret";
        corpora.add("vault", type, secret + "\n" + text);
        for (const tests::SecretForm& form : tests::forms_of(secret))
            corpora.add("vault", form.name, secret + "\n" + R"({"a":"<jwt-1> \u003cjwt-2> )" + form.text + "\"}");
        for (const char* path : paths)
            corpora.add("fhirpath", std::string(path) + type, std::string(path) + "\n" + text);
    }
}

void add_transcript(Corpora& corpora, const fs::path& path, const fs::path& scratch) {
    std::ifstream file(path, std::ios::binary);
    std::string window, resource;
    for (std::string line; std::getline(file, line);) {
        const auto json = fhir::parse_json(line, {256u << 20, 128, 65'536});
        if (!json || !json->IsObject()) continue;
        add_line(corpora, *json, resource);
        if (line.size() > seed_bytes) continue;
        window += line + "\n";
        if (window.size() > seed_bytes) {
            corpora.add("lines", path.stem().string(), window);
            corpora.add("transcript", path.stem().string(), std::exchange(window, {}));
        }
    }

    engine::Engine engine;
    std::string message;
    const auto keep = [&](const engine::Input& input) {
        engine::MessageWriter(message).field(1, input);
        if (message.size() > seed_bytes) corpora.add("session", path.stem().string(), "I" + std::exchange(message, {}));
    };
    if (auto imported = session::import_transcript(path.string(), {}, engine, keep); !imported)
        throw std::runtime_error(imported.error().message);
    // A whole file: of the shortest transcript, since a long one takes long to open.
    if (path.stem() != "happy") return;
    const std::string out = (scratch / "seed.fhirscope").string();
    if (auto made = session::import_to_file(path.string(), out, {}); !made)
        throw std::runtime_error(made.error().message);
    std::ostringstream bytes;
    bytes << std::ifstream(out, std::ios::binary).rdbuf();
    fs::remove(out); // there is one of each server
    corpora.add("session", "file", "F" + bytes.str());
    // Of a journal, its magic number: https://www.sqlite.org/fileformat.html, section 3.
    corpora.add("session", "journal", "J\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + std::string(504, '\0'));
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) return std::fprintf(stderr, "usage: fuzz_seeds OUT\n"), 2;
    try {
        const fs::path out = argv[1], scratch = out / "scratch";
        fs::create_directories(scratch);
        Corpora corpora(out);
        std::vector<fs::path> transcripts;
        for (const auto& entry : fs::recursive_directory_iterator(tests::fixtures))
            if (entry.path().extension() == ".jsonl") transcripts.push_back(entry.path());
        std::sort(transcripts.begin(), transcripts.end());
        for (const auto& path : transcripts) add_transcript(corpora, path, scratch);
        fs::remove_all(scratch);
        std::fprintf(stderr, "%d seeds\n", corpora.number());
    } catch (const std::exception& error) {
        return std::fprintf(stderr, "fuzz_seeds: %s\n", error.what()), 1;
    }
}
