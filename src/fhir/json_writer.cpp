#include "fhir/json_writer.hpp"

#include "fhir/harmless.hpp"
#include "fhir/json_text.hpp"
#include "fhir/slice.hpp"
#include "fhir/utf8.hpp"

#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

namespace fhirscope::fhir {
namespace detail {
namespace {

void append_escape(std::string& out, std::uint32_t c) {
    constexpr std::string_view letters = "btn?fr"; // from 0x08 on
    if (c >= 0x08 && c <= 0x0D && c != 0x0B) {
        out += '\\';
        out += letters[c - 0x08];
        return;
    }
    char text[8];
    const int size = std::snprintf(text, sizeof text, "\\u%04X", static_cast<unsigned>(c));
    out.append(text, static_cast<std::size_t>(size));
}

} // namespace

void append_quoted(std::string& out, std::string_view text) {
    const auto is_plain = [](char c) { return c >= ' ' && c < '\x7f' && c != '"' && c != '\\'; };
    out += '"';
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && is_plain(text[plain])) ++plain;
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;
        const Character character = first_character(text);
        if (!character.valid) {
            append_utf8(out, replacement_character);
        } else if (is_harmful(character.code_point)) {
            append_escape(out, character.code_point);
        } else {
            if (text[0] == '"' || text[0] == '\\') out += '\\';
            out.append(text.substr(0, character.size));
        }
        text.remove_prefix(character.size);
    }
    out += '"';
}

} // namespace detail

struct JsonWriter::Impl {
    detail::TextStream stream;
    detail::Compact writer{stream};
    std::vector<bool> is_object; // of what is open
};

JsonWriter::JsonWriter() : impl_(std::make_unique<Impl>()) {}
JsonWriter::JsonWriter(JsonWriter&&) noexcept = default;
JsonWriter& JsonWriter::operator=(JsonWriter&&) noexcept = default;
JsonWriter::~JsonWriter() = default;

JsonWriter& JsonWriter::object() {
    impl_->writer.StartObject();
    impl_->is_object.push_back(true);
    return *this;
}

JsonWriter& JsonWriter::array() {
    impl_->writer.StartArray();
    impl_->is_object.push_back(false);
    return *this;
}

JsonWriter& JsonWriter::end() {
    if (impl_->is_object.back())
        impl_->writer.EndObject();
    else
        impl_->writer.EndArray();
    impl_->is_object.pop_back();
    return *this;
}

JsonWriter& JsonWriter::name(std::string_view name) { return value(name); }

JsonWriter& JsonWriter::value(std::string_view text) {
    impl_->writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    return *this;
}

JsonWriter& JsonWriter::value(bool value) {
    impl_->writer.Bool(value);
    return *this;
}

JsonWriter& JsonWriter::unsigned_number(std::uint64_t number) {
    impl_->writer.Uint64(number);
    return *this;
}

JsonWriter& JsonWriter::signed_number(std::int64_t number) {
    impl_->writer.Int64(number);
    return *this;
}

JsonWriter& JsonWriter::null() {
    impl_->writer.Null();
    return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    impl_->writer.raw(json);
    return *this;
}

JsonWriter& JsonWriter::members_of(std::string_view object) {
    value_in(object).each_member([&](std::string_view raw_name, Slice value) {
        raw('"' + std::string(raw_name) + '"');
        raw(value.text());
    });
    return *this;
}

JsonWriter& JsonWriter::decimal(double number, int digits) {
    if (!std::isfinite(number)) return null(); // JSON has no such number
    char text[400];                            // the largest double has 309 digits before the point
    const int size = std::snprintf(text, sizeof text, "%.*f", digits, number);
    return raw({text, static_cast<std::size_t>(size)});
}

std::size_t JsonWriter::size() const { return impl_->stream.text.size(); }

std::string JsonWriter::take() { return std::move(impl_->stream.text); }

std::string quote(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 2);
    detail::append_quoted(out, text);
    return out;
}

} // namespace fhirscope::fhir
