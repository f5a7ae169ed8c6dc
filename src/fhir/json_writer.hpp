#pragma once
// The one way to write JSON. What comes out is valid whatever the values are: strings are UTF-8 (U+FFFD stands for
// bytes that are not), and what a terminal would act on is escaped (fhir/harmless.hpp). RapidJSON, which does it, is
// not seen from here, so that including this costs nothing.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::fhir {

// One value, from the outside in. Members come in the order in which they are written. Keeping to the grammar (a name
// before each value of an object, an end for each beginning) is the caller's part, and asserted.
class JsonWriter {
public:
    JsonWriter();
    JsonWriter(JsonWriter&&) noexcept;
    JsonWriter& operator=(JsonWriter&&) noexcept;
    ~JsonWriter();

    JsonWriter& object();
    JsonWriter& array();
    JsonWriter& end(); // of the innermost object or array

    JsonWriter& name(std::string_view name);
    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
    JsonWriter& value(bool value);
    template <std::unsigned_integral Number>
    JsonWriter& value(Number number) {
        return unsigned_number(number);
    }
    template <std::signed_integral Number>
    JsonWriter& value(Number number) {
        return signed_number(number);
    }
    JsonWriter& null();
    // JSON text that is kept as it is, digits, escapes and space: one value that was checked before.
    JsonWriter& raw(std::string_view json);
    // The members of an object, kept as they are: they become members of the innermost object here.
    JsonWriter& members_of(std::string_view object);
    // With so many digits behind the point.
    JsonWriter& decimal(double number, int digits);

    // With a name, as a member of an object.
    JsonWriter& object(std::string_view member) { return name(member).object(); }
    JsonWriter& array(std::string_view member) { return name(member).array(); }
    JsonWriter& null(std::string_view member) { return name(member).null(); }
    JsonWriter& raw(std::string_view member, std::string_view json) { return name(member).raw(json); }
    JsonWriter& decimal(std::string_view member, double number, int digits) {
        return name(member).decimal(number, digits);
    }
    template <class T>
    JsonWriter& member(std::string_view member, const T& of) {
        return name(member).value(of);
    }
    // null where there is nothing.
    template <class T>
    JsonWriter& member(std::string_view member, const std::optional<T>& of) {
        return of ? name(member).value(*of) : name(member).null();
    }

    std::size_t size() const; // bytes so far
    // The text of the whole value; every object and array must have ended.
    std::string take();

private:
    JsonWriter& unsigned_number(std::uint64_t number);
    JsonWriter& signed_number(std::int64_t number);

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// One string: "…".
std::string quote(std::string_view text);

} // namespace fhirscope::fhir
