#pragma once

#include <tl/expected.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace fhirscope {

// What went wrong with something from outside. `message` says what happened and to what, in a form that a person can
// act on; `code` is a short stable word for tests and tables; `offset` is a byte position in the text read, if any.
struct Error {
    std::string code;
    std::string message;
    std::size_t offset = 0;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string code, std::string message, std::size_t offset = 0) {
    return tl::unexpected<Error>(Error{std::move(code), std::move(message), offset});
}

} // namespace fhirscope
