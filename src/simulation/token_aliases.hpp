#pragma once
// Binding tokens never reach the engine: it sees aliases, as it does behind the runtime.

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::simulation {

class TokenAliases {
public:
    // Of an answer to $get-ws-binding-token (PROTOCOL A9).
    std::string hide(std::string body) {
        static constexpr std::string_view before = R"("name":"token","valueString":")";
        const auto found = body.find(before);
        if (found == std::string::npos) return body;
        const auto begin = found + before.size();
        const auto end = body.find('"', begin);
        if (end == std::string::npos) return body;
        tokens_.push_back(body.substr(begin, end - begin));
        return body.replace(begin, end - begin, "<binding-token-" + std::to_string(tokens_.size()) + ">");
    }
    // Of a frame that the engine sends; an alias that was never given out stays as it is.
    std::string reveal(const std::string& frame) const {
        static constexpr std::string_view before = "<binding-token-";
        const auto found = frame.find(before);
        if (found == std::string::npos) return frame;
        const auto end = frame.find('>', found);
        const std::size_t number =
            static_cast<std::size_t>(std::strtoul(frame.c_str() + found + before.size(), nullptr, 10));
        if (end == std::string::npos || number == 0 || number > tokens_.size()) return frame;
        return frame.substr(0, found) + tokens_[number - 1] + frame.substr(end + 1);
    }

private:
    std::vector<std::string> tokens_;
};

} // namespace fhirscope::simulation
