#pragma once
// Where the rows of an export go: standard output, or a file of its owner's.

#include "query/export.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fhirscope::app {

class RowOutput {
public:
    // "": standard output. Errors: Write.
    static Result<RowOutput> open(const std::string& path);
    Result<void> write(std::string_view text);
    Result<void> close();

private:
    explicit RowOutput(std::optional<query::PrivateFile> file) : file_(std::move(file)) {}
    std::optional<query::PrivateFile> file_;
};

// Head and rows of the update log, in blocks. Errors: Write.
Result<void> write_rows(const query::RowWriter& writer, const std::vector<std::uint64_t>& numbers, RowOutput& output);

} // namespace fhirscope::app
