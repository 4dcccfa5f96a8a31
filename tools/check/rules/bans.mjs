// What is banned, where, and why: the table of the rule banned-call. `pattern` is looked for in code without comments
// and literals, `include` in the header names of #include lines. `except` says where it is at home.
// `tests: true` holds for tests, benchmarks and fuzz targets too.

const below = (...folders) => (path) => folders.some((folder) => path.startsWith(`src/${folder}/`));
const nowhere = () => false;
const clockFree = (path) => below("deadline", "net")(path) || path.includes("_bench.") || path.startsWith("tests/bench/");

// A call of a free function of the system or of std: not a member, not another namespace's. The text of a pattern.
const free = (names) => `(?<![\\w.]|->|(?<!\\bstd)(?<=[\\w>])::)(?:${names})\\s*\\(`;
const any = (...patterns) => new RegExp(patterns.join("|"), "g");

export const bans = [
  {
    what: "sleep",
    pattern: any("\\bthis_thread::sleep_\\w+", free("sleep|usleep|nanosleep|clock_nanosleep")),
    why: "sleeping blocks the core's only thread, and makes tests slow and wrong",
    right: "arm a timer of deadline/; in a test, advance its clock",
    except: nowhere,
    tests: true,
  },
  {
    what: "shell",
    pattern: any(free("system|popen")),
    why: "a shell runs whatever got into the string",
    right: "start the program itself, with a list of arguments",
    except: nowhere,
    tests: true,
  },
  {
    what: "c-string",
    pattern: any(free("strcpy|strcat|sprintf|vsprintf|strtok|gets")),
    why: "it knows no bounds",
    right: "std::string_view and fmt::format",
    except: nowhere,
    tests: true,
  },
  {
    what: "ato",
    pattern: any(free("atoi|atol|atoll|atof")),
    why: "it takes garbage for 0",
    right: "std::from_chars, and look at its error",
    except: nowhere,
    tests: true,
  },
  {
    what: "regex",
    pattern: /\bstd::(?:w|u8)?(?:regex|sregex_\w+|cregex_\w+)\b/g,
    include: /^regex$/,
    why: "it backtracks, exponentially on the wrong input",
    right: "RE2, which is linear",
    except: nowhere,
    tests: true,
  },
  {
    what: "rand",
    pattern: any(free("rand|srand|drand48")),
    why: "it is predictable where it must not be, and not repeatable where it must be",
    right: "the system's random bytes for secrets, a seeded generator handed in for simulations",
    except: nowhere,
    tests: true,
  },
  {
    what: "clock",
    pattern: any("\\b\\w*_clock::now\\b", free("clock_gettime|gettimeofday"), `${free("time")}\\s*(?:nullptr|NULL|0|&)`),
    why: "time that is not injected cannot be tested",
    right: "take a Clock",
    except: clockFree,
  },
  {
    what: "this-thread",
    pattern: /\bstd::this_thread\b/g,
    why: "a core has one thread and work does not move",
    right: "keep the state in the core's own object",
    except: nowhere,
  },
  {
    what: "lock",
    pattern: /\bstd::(?:\w*mutex|lock_guard|unique_lock|scoped_lock|shared_lock|condition_variable\w*)\b/g,
    include: /^(?:mutex|shared_mutex|condition_variable)$/,
    why: "a lock on the data path makes one core wait for another",
    right: "share immutable snapshots or a bounded queue; elsewhere, list the file with its reason",
    except: nowhere,
  },
  {
    what: "network-header",
    include: /^(?:openssl\/.*|boost\/asio.*|asio.*|sys\/epoll\.h|sys\/socket\.h|netinet\/.*|arpa\/inet\.h)$/,
    why: "only net/ knows sockets, TLS and Asio, so that everything else runs over memory in tests",
    right: "use net/stream.hpp and its neighbours",
    except: below("net"),
    tests: true,
  },
  {
    what: "toml",
    include: /^toml\+\+.*/,
    why: "it is slow to compile, and the form of the configuration is config/'s business",
    right: "take the values of config/",
    except: below("config"),
    tests: true,
  },
  {
    what: "command-line",
    include: /^CLI\/.*/,
    why: "only app/ has a command line",
    right: "take the values as arguments",
    except: below("app"),
    tests: true,
  },
  {
    what: "print",
    pattern: any("\\bstd::(?:cout|cerr|clog)\\b", free("printf|fprintf|vprintf|puts|fputs|putchar"), "\\bfmt::print(?:ln)?\\s*\\("),
    include: /^iostream$/,
    why: "standard output belongs to the command line",
    right: "return the text, or log it through telemetry/",
    except: below("app"),
  },
  {
    what: "throw",
    pattern: /\bthrow\b/g,
    why: "an error that the world can cause is a value; a caller cannot see an exception",
    right: "return std::unexpected; a file that must throw for a library is listed with its reason",
    except: nowhere,
  },
  {
    what: "new",
    // A factory that is a member may call its private constructor, if a pointer owns the result in the same breath.
    pattern: /(?<!\boperator\s*)(?<!\b(?:unique|shared)_ptr<[^;{}]*[({]\s*)\bnew\b|(?<!\boperator\s*)(?<!=\s*)\bdelete\b/g,
    why: "somebody has to remember the other half",
    right: "std::make_unique, std::make_shared or a container",
    except: nowhere,
  },
];
