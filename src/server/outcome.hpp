#pragma once
// The OperationOutcomes that Medplum answers with (PROTOCOL A2), word for word.

#include <string>
#include <string_view>

namespace fhirscope::server {

struct OutcomeReply {
    int status = 200;
    std::string body;
};

namespace outcomes {

OutcomeReply ok();
OutcomeReply created();
OutcomeReply bad_request(std::string_view text);                                 // 400, code "invalid"
OutcomeReply structure(std::string_view text, std::string_view expression = {}); // 400, code "structure"
OutcomeReply unauthorized();
OutcomeReply forbidden();
OutcomeReply not_found();
OutcomeReply conflict();
OutcomeReply gone(std::string_view text = "Gone");
OutcomeReply precondition_failed();
OutcomeReply multiple_matches();
OutcomeReply content_too_large(); // 413
OutcomeReply too_many_requests(std::string_view diagnostics);
OutcomeReply server_error(std::string_view text = "Internal server error");
OutcomeReply of_status(int status); // the one that belongs to a status, for failures on demand

} // namespace outcomes
} // namespace fhirscope::server
