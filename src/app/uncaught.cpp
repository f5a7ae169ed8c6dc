#include "app/uncaught.hpp"

#include "app/command_line.hpp"

#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>
#include <system_error>

namespace fhirscope::app {

namespace {

// Neither memory nor a lock is needed for it.
void say_last(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::string_view advice_for(std::string_view what) {
    if (what.find("Too many open files") != what.npos)
        return "Too few file descriptors are allowed: raise the limit (ulimit -n), or close other windows.\n";
    if (what.find("Resource temporarily unavailable") != what.npos || what.find("Cannot allocate") != what.npos)
        return "There is not enough memory, or not enough threads are allowed: raise the limits (ulimit -v, ulimit "
               "-u), "
               "or close other programs.\n";
    return "The program had to end.\n";
}

[[noreturn]] void end_now() {
    if (const std::exception_ptr error = std::current_exception()) {
        try {
            std::rethrow_exception(error);
        } catch (const std::bad_alloc&) {
            say_last("fhirscope: there is not enough memory. Raise the limit (ulimit -v), or close other programs.\n");
        } catch (const std::exception& known) {
            const std::string_view what = known.what();
            say_last("fhirscope: ");
            say_last(what);
            say_last(". ");
            say_last(advice_for(what));
        } catch (...) {
            say_last("fhirscope: an error without a name. The program had to end.\n");
        }
        ::_exit(static_cast<int>(ExitCode::Failed));
    }
    std::abort(); // no error of the surroundings, but one of this program's own
}

} // namespace

void end_in_words() { std::set_terminate(&end_now); }

} // namespace fhirscope::app
