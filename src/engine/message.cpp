#include "engine/message.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <array>

namespace fhirscope::engine {

namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

// A configuration has some hundred entries in its lists, of less than a kilobyte each. An entry may take two bytes of a
// file and a thousand times as much of memory.
constexpr std::size_t most_in_lists = 64u << 20;

constexpr std::size_t most_bytes = std::numeric_limits<int>::max(); // of CodedInputStream

using Small = std::array<std::uint8_t, 16>; // the longest number has ten bytes

std::string_view written(const Small& bytes, const std::uint8_t* end) {
    return {reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(end - bytes.data())};
}

} // namespace

void MessageWriter::tag(std::uint32_t number, WireType type) { varint(number << 3 | static_cast<std::uint32_t>(type)); }

void MessageWriter::varint(std::uint64_t value) {
    Small small;
    out_ += written(small, CodedOutputStream::WriteVarint64ToArray(value, small.data()));
}

void MessageWriter::fixed64(std::uint64_t value) {
    Small small;
    out_ += written(small, CodedOutputStream::WriteLittleEndian64ToArray(value, small.data()));
}

void MessageWriter::bytes(std::uint32_t number, std::string_view text) {
    tag(number, WireType::Bytes);
    varint(text.size());
    out_ += text;
}

void MessageWriter::insert_size(std::size_t at) {
    Small small;
    out_.insert(at, written(small, CodedOutputStream::WriteVarint64ToArray(out_.size() - at, small.data())));
}

MessageReader::MessageReader(std::string_view in)
    : in_(std::make_unique<CodedInputStream>(reinterpret_cast<const std::uint8_t*>(in.data()),
                                             static_cast<int>(std::min(in.size(), most_bytes)))),
      failed_(in.size() > most_bytes) {
    in_->PushLimit(static_cast<int>(std::min(in.size(), most_bytes)));
}
MessageReader::~MessageReader() = default;

MessageReader::Tag MessageReader::next() {
    ended_ = failed_;
    if (failed_) return {};
    const std::uint32_t raw = in_->ReadTag();
    const auto number = static_cast<std::uint32_t>(WireFormatLite::GetTagFieldNumber(raw));
    if (raw == 0 ? !in_->ConsumedEntireMessage() : number == 0) fail();
    if (failed_ || raw == 0) {
        ended_ = true;
        return {};
    }
    return {raw, number};
}

void MessageReader::skip(const Tag& tag) {
    if (failed_) return;
    ++passed_over_.fields;
    if (!WireFormatLite::SkipField(in_.get(), tag.raw)) fail();
}

void MessageReader::skip_rest() {
    while (!ended_)
        if (const Tag tag = next(); !ended_) skip(tag);
}

std::uint64_t MessageReader::varint() {
    std::uint64_t value = 0;
    if (!in_->ReadVarint64(&value)) fail();
    return value;
}

std::uint64_t MessageReader::fixed64() {
    std::uint64_t value = 0;
    if (!in_->ReadLittleEndian64(&value)) fail();
    return value;
}

void MessageReader::bytes(std::string& out) {
    std::uint32_t size = 0;
    if (!in_->ReadVarint32(&size) || size > most_bytes || static_cast<int>(size) > in_->BytesUntilLimit() ||
        !in_->ReadString(&out, static_cast<int>(size)))
        fail();
}

int MessageReader::enter() {
    int size = 0;
    if (!in_->ReadVarintSizeAsInt(&size) || size > in_->BytesUntilLimit()) {
        fail();
        size = 0;
    }
    return in_->PushLimit(size);
}

void MessageReader::leave(int limit) { in_->PopLimit(limit); }

void MessageReader::charge(std::size_t bytes) {
    in_lists_ += bytes;
    if (in_lists_ > most_in_lists) fail();
}

} // namespace fhirscope::engine
