// The socket was closed by the other end or on the way, and could be opened again at once.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_socket_closed(const Stretch& stretch) {
    const auto& closed = stretch.tally.of(Seen::Closed);
    if (closed.count == 0) return against("the socket was not closed by the other end");
    constexpr std::chrono::seconds soon{3};
    return closed.first <= stretch.noticed + soon ? yes(closed) : against("the socket was closed only later");
}

} // namespace fhirscope::diagnosis
