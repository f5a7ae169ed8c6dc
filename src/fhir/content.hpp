#pragma once
// What a JSON value says, whichever way it is written.

#include "fhir/slice.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace fhirscope::fhir {

// Servers sign the address of an attachment anew for each delivery (PROTOCOL A3); only the part before the query names
// the content.
std::string_view address_stem(std::string_view url);
// What tells an Attachment from other elements with a url: the members that only it has, or a presigned address.
bool is_attachment(Slice object);

enum class Addresses : std::uint8_t {
    ByStem, // of attachments
    Whole,
};
// Two values say the same exactly when their contents are equal texts: the order of members, white space and the way a
// string is escaped do not count; the order of elements and every digit of a number do. Of members with one name the
// first counts. Contents have a fixed order, so they sort what has no order of its own.
std::string content_of(Slice value, Addresses addresses = Addresses::ByStem);
bool is_same_content(Slice a, Slice b, Addresses addresses = Addresses::ByStem);

} // namespace fhirscope::fhir
