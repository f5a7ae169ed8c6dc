#include "app/row_output.hpp"

#include <cstdio>

namespace fhirscope::app {

Result<RowOutput> RowOutput::open(const std::string& path) {
    if (path.empty()) return RowOutput(std::nullopt);
    auto file = query::PrivateFile::create(path, query::PrivateFile::Existing::Replace);
    if (!file) return tl::unexpected(file.error());
    return RowOutput(std::move(*file));
}

Result<void> RowOutput::write(std::string_view text) {
    if (file_) return file_->write(text);
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
        return fail(ErrorCode::Write, "the rows could not be written to the standard output.");
    return {};
}

Result<void> RowOutput::close() {
    if (file_) return file_->commit();
    return std::fflush(stdout) == 0 ? Result<void>{} : fail(ErrorCode::Write, "the standard output was closed.");
}

Result<void> write_rows(const query::RowWriter& writer, const std::vector<std::uint64_t>& numbers, RowOutput& output) {
    constexpr std::size_t block = 64 * 1024;
    std::string text = writer.head();
    for (const std::uint64_t number : numbers) {
        writer.row(number, text);
        if (text.size() < block) continue;
        if (auto written = output.write(text); !written) return written;
        text.clear();
    }
    return output.write(text);
}

} // namespace fhirscope::app
