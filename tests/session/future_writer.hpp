#pragma once
// Writes inputs as a later version of this program might: each message has fields behind those that are known here, of
// every wire type. Written after https://protobuf.dev/programming-guides/encoding/, and not with our own writer.

#include "engine/input_message.hpp"

#include <bit>
#include <string>

namespace fhirscope::tests {

class FutureWriter {
public:
    static constexpr bool reading = false, hashing = false;
    // `more`: fields that each message gets behind its own.
    explicit FutureWriter(unsigned more) : more_(more) {}

    // The entry of a batch's message.
    std::string entry(engine::Input input) {
        out_.clear();
        added_ = 0;
        field(1, input);
        return out_;
    }
    std::uint64_t added() const { return added_; } // fields, to the last entry

    template <class... Ts>
    void fields(std::string_view, Ts&... values) {
        unsigned number = 0;
        (field(++number, values), ...);
    }

private:
    enum Wire : unsigned { Varint = 0, Fixed64 = 1, Bytes = 2, GroupBegin = 3, GroupEnd = 4, Fixed32 = 5 };

    void varint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
        out_ += static_cast<char>(value);
    }
    void tag(unsigned number, Wire wire) { varint(number * 8 + wire); }
    void bytes(unsigned number, const std::string& text) {
        tag(number, Bytes);
        varint(text.size());
        out_ += text;
    }
    void further_fields() {
        for (unsigned i = 0; i < more_; ++i, ++added_) {
            const unsigned number = 500 + i;
            switch (i % 5) {
                case 0:
                    tag(number, Varint), varint(UINT64_MAX);
                    break;
                case 1:
                    bytes(number, std::string(300, '\xff'));
                    break;
                case 2:
                    tag(number, Fixed64), out_ += "12345678";
                    break;
                case 3:
                    tag(number, Fixed32), out_ += "1234";
                    break;
                default:
                    tag(number, GroupBegin), tag(1, Varint), varint(5), tag(number, GroupEnd);
            }
        }
    }
    template <class F>
    void message(unsigned number, F&& write) {
        std::string outer = std::exchange(out_, {});
        write();
        further_fields();
        const std::string inner = std::exchange(out_, std::move(outer));
        bytes(number, inner);
    }

    template <class T>
    void field(unsigned number, T& value) {
        if constexpr (std::is_floating_point_v<T>) {
            tag(number, Fixed64);
            auto bits = std::bit_cast<std::uint64_t>(value);
            for (int i = 0; i < 8; ++i, bits >>= 8) out_ += static_cast<char>(bits);
        } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
            tag(number, Varint);
            varint(static_cast<std::uint64_t>(value));
        } else if constexpr (engine::Archivable<T, FutureWriter>) {
            message(
                number, [&] { value.archive(*this); });
        } else {
            compound(number, value);
        }
    }
    template <class Rep, class Period>
    void compound(unsigned number, std::chrono::duration<Rep, Period>& value) {
        Rep count = value.count();
        field(number, count);
    }
    template <class Clock, class Duration>
    void compound(unsigned number, std::chrono::time_point<Clock, Duration>& value) {
        Duration since = value.time_since_epoch();
        field(number, since);
    }
    void compound(unsigned number, std::string& value) { bytes(number, value); }
    void compound(unsigned number, engine::Text& value) {
        if (value) bytes(number, *value);
    }
    template <class T>
    void compound(unsigned number, std::optional<T>& value) {
        if (value) field(number, *value);
    }
    template <class T>
    void compound(unsigned number, std::vector<T>& values) {
        for (T& value : values) field(number, value);
    }
    template <class A, class B>
    void compound(unsigned number, std::pair<A, B>& value) {
        message(
            number,
            [&] {
                field(1, value.first);
                field(2, value.second);
            });
    }
    template <class... Ts>
    void compound(unsigned number, std::variant<Ts...>& value) {
        message(
            number, [&] { std::visit([&](auto& of) { field(static_cast<unsigned>(value.index()) + 1, of); }, value); });
    }

    unsigned more_;
    std::string out_;
    std::uint64_t added_ = 0;
};

} // namespace fhirscope::tests
