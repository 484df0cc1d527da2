#!/usr/bin/env python3
"""Checks who includes whom, and a few rules of form that no compiler knows.

Prints every violation and exits 1 if there is one. Before that it plants one violation of each rule in
a tree of its own, so that a rule that finds nothing any more is noticed.
"""

import fnmatch
import os
import re
import sys

# A folder includes itself and what is below it; tests include everything.
MAY_INCLUDE = {
    "orchestrator": {"orchestrator", "plans", "remote", "inventory"},
    "plans": {"plans", "inventory"},
    "remote": {"remote", "inventory"},
    "inventory": {"inventory"},
    "examples": {"examples", "remote", "inventory"},
    "tests": {"orchestrator", "plans", "remote", "inventory", "examples", "tests"},
}
PRODUCT = ("orchestrator", "plans", "remote", "inventory")
TOP_LEVEL = set(MAY_INCLUDE)

# Whose headers may be included where; a pattern's * spans folders.
THIRD_PARTY = {
    "yaml-cpp/": ["inventory/yaml_document.cc", "inventory/yaml_of_json.cc", "inventory/cluster/kubeadm_config.cc", "inventory/cluster/static_pod.cc",
                  "remote/kube/admin_conf.cc", "remote/kube/kubeconfig.cc"],
    "curl/": ["remote/kube/http.cc"],
    "libssh/": ["remote/ssh/*",
                "tests/support/ssh_peer.cc"],  # a server that takes passwords without accounts
    "nlohmann/": ["*.cc", "tests/*", "examples/*"],
    "spdlog/": ["orchestrator/logging.cc"],
    "openssl/": ["inventory/base/digest.cc", "examples/sandbox/api/*.cc", "tests/support/*.cc"],
    "boost/": ["orchestrator/cli/*", "examples/sandbox/options.cc"],
    "fmt/": ["*.cc", "tests/*"],
    "tl/": ["inventory/base/result.h"],
    "catch2/": ["tests/*"],
    "httplib.h": ["tests/support/*.cc", "examples/sandbox/api/*.cc"],
}

# Headers of the C library, POSIX and Linux. Those of the C++ library have no dot in their names.
SYSTEM_FOLDERS = ("sys/", "netinet/", "arpa/", "net/", "linux/")
SYSTEM = {name + ".h" for name in """
    assert ctype dirent dlfcn errno execinfo fcntl fnmatch getopt glob grp iconv inttypes langinfo libgen
    limits locale mntent netdb poll pthread pwd resolv sched semaphore setjmp shadow signal spawn stdarg
    stddef stdint stdio stdlib string strings sysexits syslog termios time unistd utime wait wchar
""".split()}

# Plans see no thread, file, clock or socket.
NOT_IN_PLANS = {"thread", "mutex", "shared_mutex", "condition_variable", "future", "semaphore", "latch",
                "barrier", "stop_token", "fstream", "filesystem", "ctime"}
CLOCK_USE = re.compile(r"\b\w+_clock::now\b|\bclock_gettime\b|\bgettimeofday\b|\bstd::time\s*\(")
SLEEP = re.compile(r"\bsleep_for\b|\bsleep_until\b|\b(?:u|nano)?sleep\s*\(")
LEFT_OPEN = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b")

MAX_LINES = 600
CODE = (".cc", ".h", ".py", ".sh", ".cmake", "CMakeLists.txt")
PROSE = (".md", ".yaml", ".yml")
RECORDED = ("tests/golden/",)  # what programs printed

COMMENT_OR_LITERAL = re.compile(
    r'R"(?P<mark>\w*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.[^\']*|[^\'\\\n])\'|//[^\n]*|/\*.*?\*/',
    re.DOTALL)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?P<open>["<])(?P<name>[^">\n]+)[">]', re.MULTILINE)


def blanked(text, literals):
    """`text` without its comments, and without its literals if told so; the lines stay where they are."""
    def replace(match):
        found = match.group(0)
        if found.startswith("/") or literals:
            return "\n" * found.count("\n")
        return found
    return COMMENT_OR_LITERAL.sub(replace, text)


def top_of(path):
    return path.split("/", 1)[0] if "/" in path else ""


def is_cpp(path):
    return path.endswith((".cc", ".h"))


def places(pattern, text):
    """Line number and text of each match."""
    for match in pattern.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match.group(0).strip()


def own_header(path, name, tree):
    target = top_of(name)
    if target not in MAY_INCLUDE or name not in tree:
        return f'"{name}" is not the path of a header from the top of the tree'
    if target not in MAY_INCLUDE[top_of(path)]:
        return f"{top_of(path)} must not include {target} ({name})"
    return None


def foreign_header(path, name):
    for prefix, homes in THIRD_PARTY.items():
        if name.startswith(prefix):
            if any(fnmatch.fnmatch(path, home) for home in homes):
                return None
            return f"<{name}> belongs only in {', '.join(homes)}"
    if "." in name and name not in SYSTEM and not name.startswith(SYSTEM_FOLDERS):
        return f"<{name}> is in no table of tests/layers_test.py"
    if top_of(path) == "plans" and ("." in name or name in NOT_IN_PLANS):
        return f"plans must not include <{name}>"
    return None


def check_includes(tree):
    for path, text in tree.items():
        if not is_cpp(path) or top_of(path) not in MAY_INCLUDE:
            continue
        code = blanked(text, literals=False)
        for match in INCLUDE.finditer(code):
            name = match["name"]
            wrong = own_header(path, name, tree) if match["open"] == '"' else foreign_header(path, name)
            if wrong:
                line = code.count("\n", 0, match.start("name")) + 1
                yield f"{path}:{line}: {wrong}"


def check_clocks_and_sleeps(tree):
    for path, text in tree.items():
        if not is_cpp(path) or top_of(path) not in PRODUCT:
            continue
        code = blanked(text, literals=True)
        for line, found in places(SLEEP, code):
            yield f"{path}:{line}: {found}: wait for a condition with a deadline instead"
        if top_of(path) == "plans":
            for line, found in places(CLOCK_USE, code):
                yield f"{path}:{line}: {found}: plans must not look at a clock"


def check_test_targets(tree):
    cmake = tree.get("tests/CMakeLists.txt", "")
    globbed = set(re.findall(r"^\s*drover_tests\((\w+)", cmake, re.MULTILINE))
    if not re.search(r"GLOB_RECURSE[^)]*\$\{folder\}/\*_test\.cc", cmake):
        globbed = set()
    for path in tree:
        if not path.startswith("tests/") or not path.endswith("_test.cc"):
            continue
        folder = path.split("/")[1]
        name = path.rsplit("/", 1)[1]
        if folder not in globbed and not any(
                where.endswith("CMakeLists.txt") and name in text for where, text in tree.items()):
            yield f"{path}: in no CMake target (tests/CMakeLists.txt has no drover_tests({folder}))"


def check_form(tree):
    for top in sorted({top_of(path) for path in tree} - {""}):
        if top not in TOP_LEVEL and not top.startswith("."):
            yield f"{top}/: no folder of the design; there are {', '.join(sorted(TOP_LEVEL))}"
    for path, text in tree.items():
        if path.startswith(RECORDED):
            continue
        if path.endswith(CODE + PROSE):
            for line, found in places(LEFT_OPEN, text):
                yield f"{path}:{line}: {found}: do it, or open an issue"
        if path.endswith(CODE) and text.count("\n") > MAX_LINES:
            yield f"{path}: {text.count(chr(10))} lines, at most {MAX_LINES}"


def violations(tree):
    """All violations in `tree`, a map from path to text."""
    return [found for check in (check_includes, check_clocks_and_sleeps, check_test_targets, check_form)
            for found in check(tree)]


def read_tree(root):
    ignored = {".git", "__pycache__"}
    try:
        with open(os.path.join(root, ".gitignore"), encoding="utf-8") as lines:
            ignored |= {line.strip().strip("/") for line in lines}
    except FileNotFoundError:
        pass
    tree = {}
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - ignored)
        for name in sorted(files):
            full = os.path.join(folder, name)
            path = os.path.relpath(full, root).replace(os.sep, "/")
            tree[path] = ""
            if path.endswith(CODE + PROSE):
                with open(full, encoding="utf-8", errors="replace") as file:
                    tree[path] = file.read()
    return tree


CLEAN = {
    "README.md": "Words.\n",
    ".ci/run": "",
    "examples/a.yaml": "a: 1\n",
    "inventory/base/result.h": "#include <tl/expected.hpp>\n",
    "inventory/yaml_document.cc": "#include <yaml-cpp/yaml.h>\n#include <fmt/format.h>\n",
    "plans/graph.h": '#pragma once\n#include <chrono>\n#include "inventory/base/result.h"\n',
    "plans/graph.cc": '#include "plans/graph.h"\n#include <nlohmann/json.hpp>\n'
                      'const char* a = "usleep(3); // \\" steady_clock::now";  // sleep_for\n'
                      "int b = 1'000; /* #include <thread>\n#include <mutex> */ R\"x(sleep_for(1))x\";\n",
    "remote/ssh/link.h": "#include <libssh/libssh.h>\n#include <unistd.h>\n#include <sys/socket.h>\n",
    "remote/kube/http.cc": "#include <curl/curl.h>\n#include <thread>\n",
    "orchestrator/main.cc": '#include "plans/graph.h"\n#include "remote/ssh/link.h"\n'
                            "auto t = std::chrono::steady_clock::now();\n",
    "orchestrator/logging.cc": "#include <spdlog/spdlog.h>\n",
    "orchestrator/cli/options.cc": "#include <boost/program_options.hpp>\n",
    "tests/CMakeLists.txt": "file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*_test.cc)\n"
                            "drover_tests(plans)\ndrover_tests(remote ssl)\n",
    "tests/support/server.cc": "#include <httplib.h>\n#include <openssl/ssl.h>\n",
    "tests/plans/deep/graph_test.cc": '#include <catch2/catch.hpp>\n#include "plans/graph.h"\n'
                                      "std::this_thread::sleep_for(1);\n",
    "tests/golden/long.sh": "x\n" * 601,
}

PLANTED = [
    ("plans/a.cc", '#include "remote/ssh/link.h"\n', "plans must not include remote"),
    ("remote/a.cc", '#include "plans/graph.h"\n', "remote must not include plans"),
    ("plans/a.cc", '#include "orchestrator/cli/x.h"\n', "not the path of a header"),
    ("inventory/a.h", '#include "plans/graph.h"\n', "inventory must not include plans"),
    ("orchestrator/a.cc", '  #  include "tests/support/server.cc"\n', "must not include tests"),
    ("plans/a.cc", '#include "graph.h"\n', "not the path of a header"),
    ("plans/a.cc", '// first\n#include "plans/gone.h"\n', "plans/a.cc:2: "),
    ("inventory/facts.cc", "#include <yaml-cpp/yaml.h>\n", "belongs only in inventory/yaml_document.cc"),
    ("remote/kube/kube_api.cc", "#include <curl/curl.h>\n", "belongs only in remote/kube/http.cc"),
    ("remote/kube/a.cc", "#include <libssh/libssh.h>\n", "belongs only in remote/ssh/*"),
    ("orchestrator/a.h", "#include <nlohmann/json_fwd.hpp>\n", "belongs only in *.cc"),
    ("remote/a.h", "#include <fmt/format.h>\n", "belongs only in *.cc"),
    ("orchestrator/a.cc", "#include <spdlog/spdlog.h>\n", "belongs only in orchestrator/logging.cc"),
    ("remote/a.cc", "#include <openssl/evp.h>\n", "belongs only in inventory/base/digest.cc"),
    ("orchestrator/a.cc", "#include <boost/program_options.hpp>\n", "belongs only in orchestrator/cli/*"),
    ("plans/a.h", "#include <tl/expected.hpp>\n", "belongs only in inventory/base/result.h"),
    ("remote/a.cc", "#include <catch2/catch.hpp>\n", "belongs only in tests/*"),
    ("tests/plans/a_test.cc", "#include <httplib.h>\n", "belongs only in tests/support/*.cc"),
    ("remote/a.cc", "#include <zlib.h>\n", "is in no table"),
    ("remote/a.cc", "#include <absl/strings.h>\n", "is in no table"),
    ("plans/a.h", "#include <thread>\n", "plans must not include <thread>"),
    ("plans/a.h", "#include <mutex>\n", "plans must not include <mutex>"),
    ("plans/a.cc", "#include <fstream>\n", "plans must not include <fstream>"),
    ("plans/a.cc", "#include <filesystem>\n", "plans must not include <filesystem>"),
    ("plans/a.cc", "#include <sys/stat.h>\n", "plans must not include <sys/stat.h>"),
    ("plans/a.cc", "#include <unistd.h>\n", "plans must not include <unistd.h>"),
    ("plans/a.cc", "auto t = std::chrono::steady_clock::now();\n", "must not look at a clock"),
    ("plans/a.cc", "\nauto t = system_clock::now();\n", "plans/a.cc:2: system_clock::now"),
    ("remote/a.cc", "std::this_thread::sleep_for(s);\n", "sleep_for: wait for a condition"),
    ("orchestrator/a.cc", "std::this_thread::sleep_until(s);\n", "sleep_until: wait for a condition"),
    ("inventory/a.cc", "usleep(1);\n", "wait for a condition"),
    ("tests/cluster/run_test.cc", "", "in no CMake target"),
    ("tests/other_test.cc", "", "in no CMake target"),
    ("tests/CMakeLists.txt", "drover_tests(plans)\n", "in no CMake target"),
    ("tools/a.cc", "", "tools/: no folder of the design"),
    ("remote/a.cc", "// TO" + "DO: later\n", "do it, or open an issue"),
    ("README.md", "FIX" + "ME\n", "do it, or open an issue"),
    ("remote/a.cc", "\n" * 601, "601 lines, at most 600"),
    ("tests/a.py", "\n" * 601, "601 lines, at most 600"),
]


def self_test():
    """What is wrong with the rules themselves."""
    wrong = [f"self-test: a clean tree gives: {found}" for found in violations(CLEAN)]
    for path, text, says in PLANTED:
        found = violations({**CLEAN, path: text})
        if len(found) != 1 or says not in found[0]:
            wrong.append(f"self-test: {path} with {text[:60]!r} should give '{says}', gives {found}")
    return wrong


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = self_test() + violations(read_tree(root))
    for line in found:
        print(line)
    print(f"{len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
