#include "gui/base/marks.hpp"

namespace fhirscope::gui {

TaskMark task_mark_of(std::string_view status) {
    struct Pair {
        std::string_view code;
        TaskMark mark;
    };
    static constexpr Pair kCodes[] = {
        {"requested", TaskMark::requested}, {"received", TaskMark::received},
        {"accepted", TaskMark::accepted},   {"in-progress", TaskMark::in_progress},
        {"ready", TaskMark::accepted},      {"on-hold", TaskMark::on_hold},
        {"completed", TaskMark::completed}, {"cancelled", TaskMark::cancelled},
        {"rejected", TaskMark::cancelled},  {"failed", TaskMark::cancelled},
        {"draft", TaskMark::draft},         {"entered-in-error", TaskMark::cancelled},
    };
    for (const Pair& pair : kCodes) {
        if (pair.code == status) {
            return pair.mark;
        }
    }
    return TaskMark::other;
}

int priority_rank(std::string_view priority) {
    return priority == "routine" ? 1 : priority == "urgent" ? 2 : priority == "asap" ? 3 : priority == "stat" ? 4 : 0;
}

} // namespace fhirscope::gui
