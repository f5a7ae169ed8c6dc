#pragma once
// Gives every field of an input some value, by its description: none can be forgotten.

#include "engine/input_message.hpp"

#include <limits>
#include <random>

namespace fhirscope::tests {

class InputFiller {
public:
    static constexpr bool reading = true, hashing = false;
    explicit InputFiller(unsigned seed) : random_(seed) {}

    engine::Input input() {
        engine::Input input;
        input.archive(*this);
        return input;
    }

    template <class... Ts>
    void fields(std::string_view, Ts&... values) {
        (fill(values), ...);
    }

private:
    std::uint64_t below(std::uint64_t bound) {
        return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(random_);
    }

    template <class T>
    void fill(T& value) {
        if constexpr (std::is_same_v<T, bool>)
            value = below(2) == 1;
        else if constexpr (std::is_enum_v<T>)
            value = static_cast<T>(below(static_cast<std::uint64_t>(engine::LastOf<T>::value) + 1));
        else if constexpr (std::is_integral_v<T>)
            value = integer<T>();
        else if constexpr (std::is_floating_point_v<T>)
            value = static_cast<T>(integer<std::int32_t>()) / 3;
        else if constexpr (engine::Archivable<T, InputFiller>)
            value.archive(*this);
        else
            compound(value);
    }
    template <class T>
    T integer() {
        switch (below(4)) {
            case 0:
                return 0;
            case 1:
                return std::numeric_limits<T>::max();
            case 2:
                return std::numeric_limits<T>::min();
            default:
                return static_cast<T>(random_() >> below(64));
        }
    }
    template <class Rep, class Period>
    void compound(std::chrono::duration<Rep, Period>& value) {
        value = std::chrono::duration<Rep, Period>(integer<Rep>());
    }
    template <class Clock, class Duration>
    void compound(std::chrono::time_point<Clock, Duration>& value) {
        value = std::chrono::time_point<Clock, Duration>(Duration(integer<typename Duration::rep>()));
    }
    void compound(std::string& value) {
        value.resize(below(3) * below(200));
        for (char& c : value) c = static_cast<char>(below(256));
    }
    void compound(engine::Text& value) {
        std::string text;
        compound(text);
        value = below(4) == 0 ? nullptr : engine::make_text(std::move(text));
    }
    template <class T>
    void compound(std::optional<T>& value) {
        if (below(2) == 0) return value.reset();
        fill(value.emplace());
    }
    template <class T>
    void compound(std::vector<T>& values) {
        values.resize(below(4));
        for (T& value : values) fill(value);
    }
    template <class A, class B>
    void compound(std::pair<A, B>& value) {
        fill(value.first);
        fill(value.second);
    }
    template <class... Ts>
    void compound(std::variant<Ts...>& value) {
        const std::uint64_t chosen = below(sizeof...(Ts));
        std::size_t i = 0;
        ((i++ == chosen ? fill(value.template emplace<Ts>()) : void()), ...);
    }

    std::mt19937_64 random_;
};

} // namespace fhirscope::tests
