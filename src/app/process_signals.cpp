#include "app/process_signals.hpp"

#include <unistd.h>
#include <csignal>

namespace punctual::app {

namespace {

sigset_t waited_for() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGUSR2);
  return set;
}

}  // namespace

void block_signals() {
  const sigset_t set = waited_for();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

ProcessSignal wait_for_signal() {
  const sigset_t set = waited_for();
  int signal = 0;
  while (sigwait(&set, &signal) != 0) {
  }
  return signal == SIGUSR2 ? ProcessSignal::quiet : ProcessSignal::terminate;
}

void announce_quiet() {
  kill(getpid(), SIGUSR2);
}

}  // namespace punctual::app
