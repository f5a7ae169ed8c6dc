#pragma once
// A call that another thread makes.

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <memory>
#include <utility>

namespace fhirscope::net {

// Runs `f` on the thread of `io`, which must be certain to take it: whoever may end that thread is kept off until this
// returned, and not while the answer is waited for.
template <class F>
auto run_on(boost::asio::io_context& io, F f) -> std::future<decltype(f())> {
    // Shared: the caller may go on while the thread is still leaving the call.
    auto task = std::make_shared<std::packaged_task<decltype(f())()>>(std::move(f));
    auto answer = task->get_future();
    boost::asio::post(io, [task] { (*task)(); });
    return answer;
}

} // namespace fhirscope::net
