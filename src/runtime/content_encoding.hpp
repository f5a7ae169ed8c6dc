#pragma once
// What Content-Encoding did to the body of an HTTP answer, undone (RFC 9110, 8.4.1).

#include "fhir/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace fhirscope::runtime {

// What is asked for with Accept-Encoding, and understood.
constexpr std::string_view accepted_encodings = "gzip, deflate";

// `encoding`: the header's value; several are undone from the last to the first, at most four. "deflate" is taken with
// zlib's frame, as the standard wants it, and without, as some servers send it. Errors: Unsupported (another one),
// TooLarge (more than `most` bytes come out), Malformed (damaged, or cut).
Result<std::string> undo_encoding(std::string_view encoding, std::string body, std::size_t most);

} // namespace fhirscope::runtime
