// The commands of `punctual` and their options.
//
// Exit codes: 0 done, 1 it could not be done (the reason is on standard error), 2 the command line is wrong.
#pragma once

namespace punctual::app {

int run(int argc, char** argv);

}  // namespace punctual::app
