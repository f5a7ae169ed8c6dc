#include "gui/base/marks.hpp"

namespace fhirscope::gui {

TaskMark task_mark_of(std::string_view status) {
    struct Pair {
        std::string_view code;
        TaskMark mark;
    };
    static constexpr Pair codes[] = {
        {"requested", TaskMark::Requested}, {"received", TaskMark::Received},
        {"accepted", TaskMark::Accepted},   {"in-progress", TaskMark::InProgress},
        {"ready", TaskMark::Accepted},      {"on-hold", TaskMark::OnHold},
        {"completed", TaskMark::Completed}, {"cancelled", TaskMark::Cancelled},
        {"rejected", TaskMark::Cancelled},  {"failed", TaskMark::Cancelled},
        {"draft", TaskMark::Draft},         {"entered-in-error", TaskMark::Cancelled},
    };
    for (const Pair& pair : codes)
        if (pair.code == status) return pair.mark;
    return TaskMark::Other;
}

int priority_rank(std::string_view priority) {
    return priority == "routine" ? 1 : priority == "urgent" ? 2 : priority == "asap" ? 3 : priority == "stat" ? 4 : 0;
}

} // namespace fhirscope::gui
