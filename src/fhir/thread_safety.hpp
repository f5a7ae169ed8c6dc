#pragma once
// Which mutex guards what, in words that clang checks (-Wthread-safety; script/check_locks). Other compilers pass over
// them. The standard library's mutex has no such words here, so there is one that has.

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define FHIRSCOPE_ATTRIBUTE(x) __attribute__((x))
#else
#define FHIRSCOPE_ATTRIBUTE(x)
#endif

// Of a member: it is read and written under this mutex alone.
#define FHIRSCOPE_GUARDED_BY(mutex) FHIRSCOPE_ATTRIBUTE(guarded_by(mutex))
// Of a function: whoever calls it holds the mutex, or does not.
#define FHIRSCOPE_REQUIRES(mutex) FHIRSCOPE_ATTRIBUTE(requires_capability(mutex))
#define FHIRSCOPE_EXCLUDES(mutex) FHIRSCOPE_ATTRIBUTE(locks_excluded(mutex))
// Of a constructor, a destructor or a function that is certain to be alone, for a reason that clang does not see.
#define FHIRSCOPE_ALONE FHIRSCOPE_ATTRIBUTE(no_thread_safety_analysis)

namespace fhirscope {

class FHIRSCOPE_ATTRIBUTE(capability("mutex")) Mutex {
public:
    void lock() FHIRSCOPE_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
    void unlock() FHIRSCOPE_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

private:
    friend class Lock;
    std::mutex mutex_;
};

// Holds a mutex for as long as it lives, but for what lies between unlock() and lock().
class FHIRSCOPE_ATTRIBUTE(scoped_lockable) Lock {
public:
    explicit Lock(Mutex& mutex) FHIRSCOPE_ATTRIBUTE(acquire_capability(mutex)) : lock_(mutex.mutex_) {}
    ~Lock() FHIRSCOPE_ATTRIBUTE(release_capability()) {}
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

    void lock() FHIRSCOPE_ATTRIBUTE(acquire_capability()) { lock_.lock(); }
    void unlock() FHIRSCOPE_ATTRIBUTE(release_capability()) { lock_.unlock(); }

private:
    friend class ConditionVariable;
    std::unique_lock<std::mutex> lock_;
};

// What is waited for is asked in a loop around it: clang sees into no function object.
class ConditionVariable {
public:
    void wait(Lock& lock) { condition_.wait(lock.lock_); }
    // False: the time is over.
    template <class Time>
    bool wait_until(Lock& lock, const Time& end) {
        return condition_.wait_until(lock.lock_, end) == std::cv_status::no_timeout;
    }
    template <class Duration>
    bool wait_for(Lock& lock, const Duration& time) {
        return condition_.wait_for(lock.lock_, time) == std::cv_status::no_timeout;
    }
    void notify_one() { condition_.notify_one(); }
    void notify_all() { condition_.notify_all(); }

private:
    std::condition_variable condition_;
};

} // namespace fhirscope
