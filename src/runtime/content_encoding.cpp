#include "runtime/content_encoding.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <vector>

namespace fhirscope::runtime {
namespace {

constexpr int largest_window = 15, any_frame = 32; // gzip's or zlib's, which zlib finds out

class Inflater {
public:
    explicit Inflater(int window_bits) { ready_ = inflateInit2(&stream_, window_bits) == Z_OK; }
    ~Inflater() {
        if (ready_) inflateEnd(&stream_);
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    Result<std::string> run(const std::string& body, std::size_t most) {
        if (!ready_) return fail(ErrorCode::Malformed, "there is no memory to decompress it");
        std::string out;
        std::array<char, 64u << 10> part{};
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data())); // zlib only reads it
        stream_.avail_in = static_cast<uInt>(body.size());
        for (int state = Z_OK; state != Z_STREAM_END;) {
            stream_.next_out = reinterpret_cast<Bytef*>(part.data());
            stream_.avail_out = static_cast<uInt>(part.size());
            state = inflate(&stream_, Z_NO_FLUSH);
            if (state != Z_OK && state != Z_STREAM_END)
                return fail(ErrorCode::Malformed, stream_.avail_in == 0 ? "its compressed content ends too early"
                                                                        : "its compressed content is damaged");
            const std::size_t size = part.size() - stream_.avail_out;
            if (size > most - out.size()) return fail(ErrorCode::TooLarge, "");
            out.append(part.data(), size);
            // A gzip file may have several members, one after the other.
            if (state == Z_STREAM_END && stream_.avail_in > 0 && inflateReset(&stream_) == Z_OK) state = Z_OK;
        }
        return out;
    }

private:
    z_stream stream_{};
    bool ready_ = false;
};

Result<std::string> undo_one(std::string_view name, const std::string& body, std::size_t most) {
    if (name == "identity") return body;
    if (name == "gzip" || name == "x-gzip" || name == "deflate") {
        auto out = Inflater(largest_window + any_frame).run(body, most);
        if (!out && out.error().code == ErrorCode::Malformed && name == "deflate")
            return Inflater(-largest_window).run(body, most);
        return out;
    }
    return fail(ErrorCode::Unsupported, "its content is encoded as “" + std::string(name.substr(0, 32)) +
                                            "”, which was not asked for and is not understood here");
}

std::vector<std::string> names_of(std::string_view list) {
    std::vector<std::string> names;
    while (!list.empty()) {
        std::string_view name = list.substr(0, list.find(','));
        list.remove_prefix(std::min(name.size() + 1, list.size()));
        while (!name.empty() && (name.front() == ' ' || name.front() == '\t')) name.remove_prefix(1);
        while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
        std::string& added = names.emplace_back(name);
        for (char& c : added)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
        if (added.empty()) names.pop_back();
    }
    return names;
}

} // namespace

Result<std::string> undo_encoding(std::string_view encoding, std::string body, std::size_t most) {
    constexpr std::size_t most_encodings = 4;
    if (body.empty()) return body; // of a 204 or 304, whatever its header says
    const std::vector<std::string> names = names_of(encoding);
    if (names.size() > most_encodings)
        return fail(ErrorCode::Unsupported, "its content is encoded more than four times");
    for (auto name = names.rbegin(); name != names.rend(); ++name) {
        auto out = undo_one(*name, body, most);
        if (!out) return out;
        body = std::move(*out);
    }
    return body;
}

} // namespace fhirscope::runtime
