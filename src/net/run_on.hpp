#pragma once
// A call that another thread makes.

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <memory>
#include <mutex>

namespace fhirscope::net {

// Runs `f` on the thread of `io` and waits for what it gives. `alive` is held until it is certain that the thread takes
// the call: whoever ends the thread holds that mutex before.
template <class F>
auto run_on(boost::asio::io_context& io, std::unique_lock<std::mutex> alive, F f) -> decltype(f()) {
    // Shared: the caller may go on while the thread is still leaving the call.
    auto task = std::make_shared<std::packaged_task<decltype(f())()>>(std::move(f));
    auto result = task->get_future();
    boost::asio::post(io, [task] { (*task)(); });
    alive.unlock();
    return result.get();
}

} // namespace fhirscope::net
