#pragma once
// JSON as a tree for tests: read and compared by code of its own, so that a mistake of the code under test does not
// hide itself. Numbers are their digits.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fhirscope::fhir::samples {

struct Json {
    enum class Kind { Scalar, Array, Object };
    Kind kind = Kind::Scalar;
    std::string text; // of a scalar, as JSON, a string with no more escapes than it needs
    std::vector<Json> elements;
    std::vector<std::pair<std::string, Json>> members;

    bool operator==(const Json&) const = default;

    static Json scalar(std::string text) { return {Kind::Scalar, std::move(text), {}, {}}; }
    static Json string(const std::string& plain) { return scalar('"' + plain + '"'); }
    static Json array(std::vector<Json> elements) { return {Kind::Array, {}, std::move(elements), {}}; }
    static Json object(std::vector<std::pair<std::string, Json>> members) {
        return {Kind::Object, {}, {}, std::move(members)};
    }

    bool is_object() const { return kind == Kind::Object; }
    bool is_array() const { return kind == Kind::Array; }
    bool is_empty() const { return kind != Kind::Scalar && elements.empty() && members.empty(); }
    const Json* find(std::string_view name) const {
        for (const auto& [own, value] : members)
            if (own == name) return &value;
        return nullptr;
    }
    Json* find(std::string_view name) { return const_cast<Json*>(std::as_const(*this).find(name)); }
    void set(const std::string& name, Json value) {
        if (Json* found = find(name))
            *found = std::move(value);
        else
            members.emplace_back(name, std::move(value));
    }
    void erase(std::string_view name) {
        std::erase_if(
            members, [&](const auto& member) { return member.first == name; });
    }

    std::string write() const {
        if (kind == Kind::Scalar) return text;
        std::string out(1, is_array() ? '[' : '{');
        for (const Json& element : elements) out += (out.size() > 1 ? "," : "") + element.write();
        for (const auto& [name, value] : members) out += (out.size() > 1 ? ",\"" : "\"") + name + "\":" + value.write();
        return out += is_array() ? ']' : '}';
    }

    // The same content in other words: white space, escapes, the order of members.
    std::string write_randomly(std::mt19937_64& random) const {
        const auto space = [&] { return random() % 8 == 0 ? " \n" : ""; };
        if (kind == Kind::Scalar) {
            const bool is_word =
                text.size() == 3 && text[0] == '"' && text[1] >= 'a' && text[1] <= 'i'; // no version, no type
            return is_word && random() % 8 == 0 ? "\"\\u006" + std::to_string(text[1] - 'a' + 1) + '"' : text;
        }
        std::string out(1, is_array() ? '[' : '{');
        for (const Json& element : elements)
            out += (out.size() > 1 ? "," : "") + std::string(space()) + element.write_randomly(random);
        std::vector<const std::pair<std::string, Json>*> order;
        for (const auto& member : members) order.push_back(&member);
        if (random() % 4 == 0) std::ranges::shuffle(order, random);
        bool is_first = true;
        for (const auto* member : order) {
            out += (is_first ? "\"" : ",\"") + member->first + "\"" + space() + ":" + space() +
                   member->second.write_randomly(random);
            is_first = false;
        }
        return out + space() + (is_array() ? "]" : "}");
    }

    // Members sorted, of several with one name the first; recursively.
    void sort_members() {
        for (Json& element : elements) element.sort_members();
        for (auto& [name, value] : members) value.sort_members();
        std::ranges::stable_sort(
            members, {}, [](const auto& member) -> const std::string& { return member.first; });
        const auto same_name = [](const auto& a, const auto& b) { return a.first == b.first; };
        members.erase(std::unique(members.begin(), members.end(), same_name), members.end());
    }
    void sort_elements() {
        for (Json& element : elements) element.sort_elements();
        for (auto& [name, value] : members) value.sort_elements();
        std::ranges::sort(elements, {}, [](const Json& element) { return element.write(); });
    }
};

class JsonReader {
public:
    explicit JsonReader(std::string_view text) : text_(text) {}

    Json read() {
        Json value = read_value();
        skip();
        if (at_ != text_.size()) throw std::runtime_error("text behind the value");
        return value;
    }

private:
    char peek() {
        skip();
        return at_ < text_.size() ? text_[at_] : '\0';
    }
    void skip() {
        while (at_ < text_.size() &&
               (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
            ++at_;
    }
    void expect(char c) {
        if (peek() != c) throw std::runtime_error(std::string("no ") + c + " at " + std::to_string(at_));
        ++at_;
    }
    std::string read_string() {
        expect('"');
        std::string plain;
        while (at_ < text_.size() && text_[at_] != '"') {
            if (text_[at_] == '\\' && text_.substr(at_ + 1, 4) == "u006") {
                plain += static_cast<char>('`' + (text_[at_ + 5] - '0'));
                at_ += 6;
            } else {
                if (text_[at_] == '\\') plain += text_[at_++];
                plain += text_[at_++];
            }
        }
        expect('"');
        return plain;
    }
    Json read_value() {
        Json value;
        const char c = peek();
        if (c == '"') return Json::string(read_string());
        if (c == '{' || c == '[') {
            const bool is_object = c == '{';
            const char end = is_object ? '}' : ']';
            value.kind = is_object ? Json::Kind::Object : Json::Kind::Array;
            ++at_;
            while (peek() != end) {
                if (!value.is_empty()) expect(',');
                if (is_object) {
                    peek();
                    std::string name = read_string();
                    expect(':');
                    value.members.emplace_back(std::move(name), read_value());
                } else {
                    value.elements.push_back(read_value());
                }
            }
            ++at_;
            return value;
        }
        const std::size_t begin = at_;
        while (at_ < text_.size() && std::string_view(",]} \n\t\r").find(text_[at_]) == std::string_view::npos) ++at_;
        if (at_ == begin) throw std::runtime_error("no value at " + std::to_string(at_));
        return Json::scalar(std::string(text_.substr(begin, at_ - begin)));
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

// Applies test, add, replace and remove of a JSON Patch (RFC 6902), strictly.
inline void apply_patch(Json& document, const Json& patch) {
    const auto plain = [](const Json* string) { return string->text.substr(1, string->text.size() - 2); };
    for (const Json& operation : patch.elements) {
        const std::string kind = plain(operation.find("op"));
        const std::string path = plain(operation.find("path"));
        const Json* value = operation.find("value");
        Json* parent = &document;
        std::size_t begin = 1;
        std::string name;
        for (bool is_last = false; !is_last;) {
            const std::size_t end = std::min(path.find('/', begin), path.size());
            is_last = end == path.size();
            name = path.substr(begin, end - begin);
            begin = end + 1;
            if (is_last) break;
            parent = parent->is_array() ? &parent->elements.at(std::stoul(name)) : parent->find(name);
            if (parent == nullptr) throw std::runtime_error("no parent: " + path);
        }
        if (parent->is_array() && name == "-" && kind == "add") {
            parent->elements.push_back(*value);
            continue;
        }
        Json* present = parent->is_array() ? &parent->elements.at(std::stoul(name)) : parent->find(name);
        if ((present == nullptr) != (kind == "add"))
            throw std::runtime_error(kind + " of what is or is not there: " + path);
        if (kind == "test") {
            if (*present != *value) throw std::runtime_error("test failed: " + path);
        } else if (kind == "remove") {
            parent->erase(name);
        } else if (kind == "add") {
            parent->set(name, *value);
        } else {
            *present = *value;
        }
    }
}

} // namespace fhirscope::fhir::samples
