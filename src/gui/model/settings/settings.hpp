#pragma once
// What is kept from one start to the next: one JSON object with a member for each part. A part is a struct with a name
// and one description of its members, which serves reading and writing:
//
//     struct LogSettings {
//         static constexpr std::string_view name = "log";
//         std::vector<std::string> columns;
//         template <class A> void archive(A& a) { a("columns", columns); }
//     };
//     const auto log = settings.get<LogSettings>();   settings.put(log);
//
// Parts and members that this version does not know are kept. Never a secret, never a token.

#include "fhir/json_writer.hpp"
#include "fhir/result.hpp"
#include "fhir/slice.hpp"

#include <cmath>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fhirscope::gui {

// What is wrong with a value; the one that is there by default stands in for it.
struct SettingsProblem {
    std::string_view at; // the value's text
    std::string reason;
};

template <class E>
using SettingsNames = std::span<const std::pair<std::string_view, E>>;

// Reads one part. A value that is absent or wrong leaves what the struct holds.
class SettingsReader {
public:
    SettingsReader(fhir::Slice object, std::vector<SettingsProblem>* problems) : object_(object), problems_(problems) {}

    void operator()(std::string_view member, bool& value);
    void operator()(std::string_view member, std::string& value);
    void operator()(std::string_view member, std::vector<std::string>& value);
    template <class T>
    requires std::integral<T> || std::floating_point<T>
    void number(std::string_view member, T& value, T least, T most) {
        double read = 0;
        if (number_at(member, read, static_cast<double>(least), static_cast<double>(most)))
            value = static_cast<T>(std::integral<T> ? std::round(read) : read);
    }
    template <class E>
    void choice(std::string_view member, E& value, SettingsNames<E> names) {
        std::string text, known;
        if (!text_at(member, text)) return;
        for (const auto& [name, meaning] : names) {
            if (name == text) {
                value = meaning;
                return;
            }
            known += (known.empty() ? "" : ", ") + std::string(name);
        }
        wrong(object_.member(member), "\"" + std::string(member) + "\" must be one of " + known);
    }
    // A list of structs with archive(); at most `most` of them.
    template <class T>
    void list(std::string_view member, std::vector<T>& values, std::size_t most) {
        fhir::Slice array;
        if (!array_at(member, array)) return;
        values.clear();
        array.each_element([&](fhir::Slice element) {
            T value;
            SettingsReader reader(element, problems_);
            value.archive(reader);
            values.push_back(std::move(value));
            return values.size() < most;
        });
    }

private:
    bool number_at(std::string_view member, double& value, double least, double most);
    bool text_at(std::string_view member, std::string& value);
    bool array_at(std::string_view member, fhir::Slice& array);
    void wrong(fhir::Slice at, std::string reason);

    fhir::Slice object_;
    std::vector<SettingsProblem>* problems_;
};

// Writes one part over its earlier text.
class SettingsWriter {
public:
    explicit SettingsWriter(std::string_view earlier);

    void operator()(std::string_view member, const bool& value) { set(member, value ? "true" : "false"); }
    void operator()(std::string_view member, const std::string& value);
    void operator()(std::string_view member, const std::vector<std::string>& value);
    template <class T>
    void number(std::string_view member, const T& value, T /*least*/, T /*most*/) {
        set(member, number_text(static_cast<double>(value)));
    }
    template <class E>
    void choice(std::string_view member, const E& value, SettingsNames<E> names) {
        for (const auto& [name, meaning] : names)
            if (meaning == value) (*this)(member, std::string(name));
    }
    template <class T>
    void list(std::string_view member, std::vector<T>& values, std::size_t most) {
        fhir::JsonWriter json;
        json.array();
        for (std::size_t i = 0; i < values.size() && i < most; ++i) {
            SettingsWriter writer("{}");
            values[i].archive(writer);
            json.raw(writer.text());
        }
        json.end();
        set(member, json.take());
    }
    std::string text() const;

private:
    static std::string number_text(double value);
    void set(std::string_view member, std::string text);

    std::vector<std::pair<std::string, std::string>> members_;
};

class Settings {
public:
    // Errors: Settings, with the offset of what is not JSON, or no object.
    static Result<Settings> parse(std::string_view text);
    // Indented, with a line break at its end.
    std::string text() const;

    template <class Part>
    Part get() const {
        Part part;
        const std::string text = section(Part::name);
        SettingsReader reader(fhir::value_in(text), nullptr);
        part.archive(reader);
        return part;
    }
    template <class Part>
    void put(Part part) {
        SettingsWriter writer(section(Part::name));
        part.archive(writer);
        set_section(Part::name, writer.text());
    }

    // What cannot be used of a part in the text of a file that was parsed. The views point into `text`.
    template <class Part>
    static void check(std::string_view text, std::vector<SettingsProblem>& problems) {
        const fhir::Slice part = fhir::value_in(text).member(Part::name);
        if (part.exists() && part.kind() != fhir::Slice::Kind::Object) {
            problems.push_back({part.text(), "\"" + std::string(Part::name) + "\" must be an object"});
            return;
        }
        Part ignored;
        SettingsReader reader(part, &problems);
        ignored.archive(reader);
    }

    // Everything as by default, what this version does not know, too.
    void reset() {
        sections_.clear();
        ++revision_;
    }

    // Grows with every change.
    std::uint64_t revision() const { return revision_; }

private:
    std::string section(std::string_view name) const;
    void set_section(std::string_view name, std::string text);

    std::vector<std::pair<std::string, std::string>> sections_; // as in the file
    std::uint64_t revision_ = 0;
};

} // namespace fhirscope::gui
