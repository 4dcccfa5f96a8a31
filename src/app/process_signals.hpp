// The signals that end the process, waited for by one thread while all others have them blocked.
#pragma once

namespace punctual::app {

// To be called first, before any thread is started. Also ignores SIGPIPE: a broken connection is an error
// value.
void block_signals();

enum class ProcessSignal { terminate, quiet };

// SIGTERM or SIGINT, or `announce_quiet`.
ProcessSignal wait_for_signal();

// From any thread: nothing is left to wait for.
void announce_quiet();

}  // namespace punctual::app
