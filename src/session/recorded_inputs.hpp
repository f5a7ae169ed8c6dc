#pragma once
// The inputs of a session file.

#include "session/inputs.hpp"
#include "session/reader.hpp"

namespace fhirscope::session {

// Thread safety: one thread at a time; what stands in the summary may be asked for at any time.
class RecordedInputs final : public Inputs {
public:
    explicit RecordedInputs(Reader reader) : reader_(std::move(reader)) {}
    const Reader& reader() const { return reader_; }

    std::uint64_t begin() const override { return 0; }
    std::uint64_t end() const override { return reader_.summary().inputs; }
    LocalTime first() const override { return reader_.summary().first; }
    LocalTime last() const override { return reader_.summary().last; }
    Result<std::uint64_t> count_until(LocalTime at) const override { return reader_.count_until(at); }
    Result<void> for_each(std::uint64_t from, const std::function<bool(const engine::Input&)>& call) const override {
        const auto given = reader_.for_each(call, from);
        return given ? Result<void>() : tl::unexpected(given.error());
    }
    std::optional<Keyframe> keyframe_before(std::uint64_t from) const override { return reader_.keyframe_before(from); }

private:
    Reader reader_;
};

} // namespace fhirscope::session
