#pragma once
// A struct as a Protocol Buffers message, by the same description as every archive (archive.hpp): for what is read by
// other versions of this program, for years. docs/session.proto names the fields.
//
// The number of a field is its place in the description, from 1; that of an alternative of a variant, and the value of an
// enumerator, follow from their places, too. So the only change that a description may see is another field, alternative
// or enumerator at its end. What a writer did not have keeps the value that a fresh struct has here; what a reader does not
// know is passed over and counted. Numbers, texts and times are written whatever their value is; what is absent is null,
// empty (a list), or of an older version.

#include "engine/archive.hpp"
#include "fhir/assert.hpp"

#include <bit>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace google::protobuf::io {
class CodedInputStream;
}

namespace fhirscope::engine {

// The last enumerator of an enum that is written: it has the values from 0 to that of this one.
template <class E>
struct LastOf;

// What a reader did not know.
struct PassedOver {
    std::uint64_t inputs = 0; // of a kind that is not known: a Tick stands in for each
    std::uint64_t fields = 0; // of messages
    std::uint64_t values = 0; // of fields: no such enumerator, a number beyond its type
    bool any() const { return inputs + fields + values > 0; }
    PassedOver operator+(const PassedOver& other) const {
        return {inputs + other.inputs, fields + other.fields, values + other.values};
    }
    bool operator==(const PassedOver&) const = default;
};

enum class WireType : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2 };

template <class T>
struct IsList : std::false_type {};
template <class T>
struct IsList<std::vector<T>> : std::true_type {};

class MessageWriter {
public:
    static constexpr bool reading = false, hashing = false;
    explicit MessageWriter(std::string& out) : out_(out) {}

    template <class... Ts>
    void operator()(Ts&... values) {
        FHIRSCOPE_ASSERT(!std::exchange(described_, true)); // a second list would have the same numbers
        std::uint32_t number = 0;
        (field(++number, values), ...);
    }
    template <class... Ts>
    void fields(std::string_view, Ts&... values) {
        (*this)(values...);
    }

    template <class T>
    void field(std::uint32_t number, const T& value) {
        if constexpr (std::is_floating_point_v<T>) {
            tag(number, WireType::Fixed64);
            fixed64(std::bit_cast<std::uint64_t>(static_cast<double>(value)));
        } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) { // a negative one as protobuf's int64
            tag(number, WireType::Varint);
            varint(static_cast<std::uint64_t>(value));
        } else {
            compound(number, value);
        }
    }

private:
    void tag(std::uint32_t number, WireType type);
    void varint(std::uint64_t value);
    void fixed64(std::uint64_t value);
    void bytes(std::uint32_t number, std::string_view text);
    void insert_size(std::size_t at); // of what was written since

    template <class F>
    void message(std::uint32_t number, F&& write_fields) {
        tag(number, WireType::Bytes);
        const std::size_t begin = out_.size();
        const bool outer = std::exchange(described_, false);
        write_fields();
        described_ = outer;
        insert_size(begin);
    }

    template <class T>
    void compound(std::uint32_t number, const T& value) {
        static_assert(Archivable<T, MessageWriter>, "this has no place in a message yet");
        message(number, [&] { const_cast<T&>(value).archive(*this); }); // writers never change it
    }
    template <class Rep, class Period>
    void compound(std::uint32_t number, const std::chrono::duration<Rep, Period>& value) {
        field(number, value.count());
    }
    template <class Clock, class Duration>
    void compound(std::uint32_t number, const std::chrono::time_point<Clock, Duration>& value) {
        field(number, value.time_since_epoch());
    }
    void compound(std::uint32_t number, const std::string& value) { bytes(number, value); }
    void compound(std::uint32_t number, const std::string_view& value) { bytes(number, value); }
    void compound(std::uint32_t number, const std::shared_ptr<const std::string>& value) {
        if (value) bytes(number, *value);
    }
    template <class T>
    void compound(std::uint32_t number, const std::optional<T>& value) {
        if (value) field(number, *value);
    }
    template <class T>
    void compound(std::uint32_t number, const std::vector<T>& values) {
        for (const T& value : values) field(number, value);
    }
    template <class A, class B>
    void compound(std::uint32_t number, const std::pair<A, B>& value) {
        message(
            number, [&] { (*this)(value.first, value.second); });
    }
    template <class... Ts>
    void compound(std::uint32_t number, const std::variant<Ts...>& value) {
        const auto alternative = static_cast<std::uint32_t>(value.index() + 1);
        message(number, [&] { std::visit([&](const auto& of) { field(alternative, of); }, value); });
    }

    std::string& out_;
    bool described_ = false;
};

// Reads untrusted bytes: never past the end, never more in lists than `most_in_lists` bytes of memory. A message is not
// begun by the caller: give it a struct with read().
class MessageReader {
public:
    static constexpr bool reading = true, hashing = false;
    explicit MessageReader(std::string_view in);
    ~MessageReader();
    MessageReader(const MessageReader&) = delete;
    MessageReader& operator=(const MessageReader&) = delete;

    // The whole of the bytes as one message. False: they are none.
    template <class T>
    bool read(T& value) {
        ended_ = false;
        value.archive(*this);
        skip_rest();
        return ok();
    }
    // Of a message that is a list of messages, each under the number 1: the next one; false at the end, or when it cannot
    // be read. Understood: it had no variant of which the alternative is not known.
    template <class T>
    bool read_next(T& value) {
        understood_ = true;
        for (Tag tag = next(); tag.number != 0; tag = next()) {
            if (tag.number == 1 && field(tag, value)) return ok();
            skip(tag);
        }
        return false;
    }
    bool understood() const { return understood_; }

    template <class... Ts>
    void operator()(Ts&... values) {
        for (Tag tag = next(); tag.number != 0; tag = next()) {
            std::uint32_t number = 0;
            bool known = false;
            ((++number == tag.number ? void(known = field(tag, values)) : void()), ...);
            if (!known) skip(tag);
        }
    }
    template <class... Ts>
    void fields(std::string_view, Ts&... values) {
        (*this)(values...);
    }

    bool ok() const { return !failed_; }
    void fail() { failed_ = true; }
    PassedOver take_passed_over() { return std::exchange(passed_over_, {}); } // since the last time

private:
    struct Tag {
        std::uint32_t raw = 0, number = 0; // number 0: the message has ended
        bool is(WireType type) const { return (raw & 7) == static_cast<std::uint32_t>(type); }
    };
    Tag next();
    void skip(const Tag& tag); // and counts it
    void skip_rest();          // what a message holds that is described as empty
    std::uint64_t varint();
    std::uint64_t fixed64();
    void bytes(std::string& out);
    int enter(); // the message whose size is next; gives what leave() needs
    void leave(int limit);
    void charge(std::size_t bytes);

    // False: the field has another type than the tag says, and was not read.
    template <class T>
    bool field(const Tag& tag, T& value) {
        if constexpr (std::is_floating_point_v<T>) {
            if (!tag.is(WireType::Fixed64)) return false;
            value = static_cast<T>(std::bit_cast<double>(fixed64()));
            return true;
        } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
            if (!tag.is(WireType::Varint)) return false;
            take(varint(), value);
            return true;
        } else if constexpr (Archivable<T, MessageReader>) {
            return message(
                tag, [&] { value.archive(*this); });
        } else {
            return compound(tag, value);
        }
    }
    template <class T>
    void take(std::uint64_t wire, T& value) {
        bool fits = true;
        if constexpr (std::is_same_v<T, bool>)
            fits = wire <= 1;
        else if constexpr (std::is_enum_v<T>)
            fits = wire <= static_cast<std::uint64_t>(LastOf<T>::value);
        else if constexpr (std::is_signed_v<T>)
            fits = std::in_range<T>(static_cast<std::int64_t>(wire));
        else
            fits = wire <= std::numeric_limits<T>::max();
        fits ? void(value = static_cast<T>(wire)) : void(++passed_over_.values);
    }
    template <class F>
    bool message(const Tag& tag, F&& read_fields) {
        if (!tag.is(WireType::Bytes)) return false;
        const int limit = enter();
        ended_ = false;
        read_fields();
        skip_rest();
        leave(limit);
        return true;
    }

    template <class Rep, class Period>
    bool compound(const Tag& tag, std::chrono::duration<Rep, Period>& value) {
        Rep count = value.count();
        const bool known = field(tag, count);
        value = std::chrono::duration<Rep, Period>(count);
        return known;
    }
    template <class Clock, class Duration>
    bool compound(const Tag& tag, std::chrono::time_point<Clock, Duration>& value) {
        Duration since = value.time_since_epoch();
        const bool known = field(tag, since);
        value = std::chrono::time_point<Clock, Duration>(since);
        return known;
    }
    bool compound(const Tag& tag, std::string& value) {
        if (!tag.is(WireType::Bytes)) return false;
        bytes(value);
        return true;
    }
    bool compound(const Tag& tag, std::shared_ptr<const std::string>& value) {
        auto text = std::make_shared<std::string>();
        const bool known = compound(tag, *text);
        if (known) value = std::move(text);
        return known;
    }
    template <class T>
    bool compound(const Tag& tag, std::optional<T>& value) {
        T fresh{};
        const std::uint64_t before = passed_over_.values;
        const bool known = field(tag, fresh);
        if (known && passed_over_.values == before) value = std::move(fresh);
        return known;
    }
    template <class T>
    bool compound(const Tag& tag, std::vector<T>& values) {
        charge(sizeof(T));
        if (!ok()) return false;
        T fresh{};
        const bool known = field(tag, fresh);
        if (known) values.push_back(std::move(fresh));
        return known;
    }
    template <class A, class B>
    bool compound(const Tag& tag, std::pair<A, B>& value) {
        return message(
            tag, [&] { (*this)(value.first, value.second); });
    }
    template <class... Ts>
    bool compound(const Tag& tag, std::variant<Ts...>& value) {
        return message(
            tag,
            [&] {
                bool chosen = false;
                for (Tag of = next(); of.number != 0; of = next()) {
                    std::uint32_t number = 0;
                    bool known = false;
                    ((++number == of.number ? void(known = field(of, value.template emplace<Ts>())) : void()), ...);
                    known ? void(chosen = true) : skip(of);
                }
                if (!chosen) understood_ = false;
            });
    }

    std::unique_ptr<google::protobuf::io::CodedInputStream> in_;
    PassedOver passed_over_;
    std::size_t in_lists_ = 0;
    bool failed_ = false, understood_ = true;
    bool ended_ = false; // the message that is being read
};

} // namespace fhirscope::engine
