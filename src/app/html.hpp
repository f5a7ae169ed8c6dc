#pragma once
// HTML made of layout and values: a literal is layout, everything else is a value and comes out as text that neither a
// browser acts on nor a terminal.

#include "fhir/harmless.hpp"

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace fhirscope::app {

class Html {
public:
    template <std::size_t N>
    Html& operator<<(const char (&layout)[N]) {
        out_.append(layout, N - 1);
        return *this;
    }
    template <std::size_t N>
    Html& operator<<(char (&)[N]) = delete; // an array that is filled is no literal
    Html& operator<<(std::string_view value);
    template <std::same_as<const char*> Pointer>
    Html& operator<<(const Pointer& value) {
        return *this << std::string_view(value);
    }
    template <std::integral Number>
    requires(!std::same_as<Number, char> && !std::same_as<Number, bool>) Html& operator<<(Number value) {
        out_ += std::to_string(value);
        return *this;
    }
    Html& operator<<(const Html& part) {
        out_ += part.out_;
        return *this;
    }
    const std::string& str() const { return out_; }

private:
    std::string out_;
};

} // namespace fhirscope::app
