#include "cli/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "models/footprint.h"
#include "sim/arena.h"
#include "sim/number.h"
#include "sim/text.h"

/* What the program itself takes, beside what it simulates. */
#define PROGRAM_BYTES (UINT64_C(8) << 20)

/* Where stacks have no limit. */
#define USUAL_STACK (UINT64_C(8) << 20)
#define MOST_STACK (UINT64_C(1) << 40) /* there is no such thread */

static void limit_to(struct cli_memory *memory, uint64_t bytes, const char *limit)
{
    if (bytes < memory->bytes) {
        *memory = (struct cli_memory){bytes, limit};
    }
}

/* A number after `name` at the beginning of a line of a file; false when there is none. */
static bool read_number(const char *path, const char *name, uint64_t *number)
{
    char line[256];
    bool is_found = false;
    FILE *file = fopen(path, "r");

    if (file == NULL) {
        return false;
    }
    while (!is_found && fgets(line, sizeof line, file) != NULL) {
        is_found = strncmp(line, name, strlen(name)) == 0 &&
                   sscanf(line + strlen(name), "%" SCNu64, number) == 1;
    }
    fclose(file);
    return is_found;
}

static bool has_limit(int resource, struct rlimit *limit)
{
    return getrlimit(resource, limit) == 0 && limit->rlim_cur != RLIM_INFINITY;
}

/* What the stack of another thread takes of the address space. */
static uint64_t stack_bytes(void)
{
    struct rlimit limit;

    if (!has_limit(RLIMIT_STACK, &limit)) {
        return USUAL_STACK;
    }
    return limit.rlim_cur < MOST_STACK ? limit.rlim_cur : MOST_STACK;
}

/* Of the address space and of the heap, less what is used already. */
static void look_at_process(struct cli_memory *memory, uint64_t threads)
{
    static const struct {
        int resource;
        const char *used; /* in /proc/self/status, kB */
        const char *limit;
    } rows[] = {
        {RLIMIT_AS, "VmSize:", "the limit of the address space, ulimit -v"},
        {RLIMIT_DATA, "VmData:", "the limit of the data, ulimit -d"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rlimit limit;
        uint64_t used = 0;

        if (!has_limit(rows[i].resource, &limit)) {
            continue;
        }
        (void)read_number("/proc/self/status", rows[i].used, &used);
        used = used * 1024 + threads * stack_bytes();
        limit_to(memory, limit.rlim_cur > used ? (uint64_t)limit.rlim_cur - used : 0,
                 rows[i].limit);
    }
}

/* One control group, version 2 or 1. Cached files are given up before a process is killed. */
static void look_at_group(struct cli_memory *memory, const char *folder, const char *most,
                          const char *now, const char *cached)
{
    char path[4400];
    uint64_t limit;
    uint64_t used;
    uint64_t cache = 0;

    snprintf(path, sizeof path, "%s/%s", folder, most);
    if (!read_number(path, "", &limit)) {
        return;
    }
    snprintf(path, sizeof path, "%s/%s", folder, now);
    if (!read_number(path, "", &used)) {
        return;
    }
    snprintf(path, sizeof path, "%s/memory.stat", folder);
    (void)read_number(path, cached, &cache);
    used -= cache < used ? cache : used;
    limit_to(memory, limit > used ? limit - used : 0, "the limit of the control group");
}

/* The groups of this process, from its own up to the root. */
static void look_at_groups(struct cli_memory *memory)
{
    char line[4096];
    FILE *file = fopen("/proc/self/cgroup", "r");

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        bool is_v2 = strncmp(line, "0::", 3) == 0;
        char *group = strrchr(line, ':');
        char folder[4300];

        if (group == NULL || (!is_v2 && strstr(line, ":memory:") == NULL)) {
            continue;
        }
        group[strcspn(group, "\n")] = '\0';
        for (char *end = group; end != NULL;) {
            snprintf(folder, sizeof folder, "/sys/fs/cgroup%s%s", is_v2 ? "" : "/memory",
                     group + 1);
            if (is_v2) {
                look_at_group(memory, folder, "memory.max", "memory.current", "inactive_file ");
            } else {
                look_at_group(memory, folder, "memory.limit_in_bytes", "memory.usage_in_bytes",
                              "total_inactive_file ");
            }
            end = strrchr(group, '/');
            if (end != NULL) {
                *end = '\0';
            }
        }
    }
    if (file != NULL) {
        fclose(file);
    }
}

struct cli_memory cli_memory_available(uint64_t threads)
{
    struct cli_memory memory = {UINT64_MAX, ""};
    uint64_t kib;

    if (read_number("/proc/meminfo", "MemAvailable:", &kib)) {
        limit_to(&memory, kib * 1024, "free memory");
    }
    look_at_process(&memory, threads);
    look_at_groups(&memory);
    return memory;
}

static void format(char *text, size_t size, uint64_t bytes)
{
    sim_number_format_bytes(text, size, bytes < INT64_MAX ? (int64_t)bytes : INT64_MAX);
}

uint64_t cli_memory_peak(void)
{
    uint64_t kib = 0;

    (void)read_number("/proc/self/status", "VmHWM:", &kib);
    return kib * 1024;
}

/* What there is of what takes memory, and what of it may be lowered. */
static void add_counts(struct sim_text *text, const struct net_footprint *footprint)
{
    sim_text_add(text, "%" PRIu64 " channel%s, %" PRIu64 " buffers, %" PRIu64 " records in flight",
                 footprint->channels, footprint->channels == 1 ? "" : "s", footprint->buffers,
                 footprint->records);
    if (footprint->keys > 0) {
        sim_text_add(text, ", %" PRIu64 " keys", footprint->keys);
    }
}

static bool refuse(const struct cli_memory *memory, const struct net_footprint *footprint,
                   uint64_t at_once, struct sim_err *err)
{
    struct sim_text counts = {0};
    char each[32];
    char available[32];
    char times[96] = "";

    format(each, sizeof each, footprint->bytes);
    format(available, sizeof available, memory->bytes);
    if (at_once > 1) {
        char all[32];

        format(all, sizeof all,
               footprint->bytes > UINT64_MAX / at_once ? UINT64_MAX : footprint->bytes * at_once);
        snprintf(times, sizeof times, ", %" PRIu64 " runs that are held at once up to %s", at_once,
                 all);
    }
    add_counts(&counts, footprint);
    sim_err_set(err, SIM_ERR_SYSTEM,
                "not enough memory: a run takes up to %s (%s)%s, and %s are available (%s): lower "
                "the parallelism, the network memory, %sor the rates%s",
                each, sim_text_get(&counts), times, available, memory->limit,
                footprint->keys > 1 ? "the number of keys, " : "",
                at_once > 1 ? ", or run fewer at once with --jobs or --replications" : "");
    sim_text_finish(&counts);
    return false;
}

bool cli_memory_check(const struct net_spec *const *specs, uint32_t count, uint64_t at_once,
                      uint64_t threads, struct sim_err *err)
{
    struct cli_memory memory = cli_memory_available(threads);
    struct net_footprint largest = {0};
    struct rlimit limit;

    if (has_limit(RLIMIT_AS, &limit)) {
        sim_share_heap();
    }
    for (uint32_t i = 0; i < count; i++) {
        struct net_footprint footprint;

        net_footprint_estimate(specs[i], &footprint);
        largest = footprint.bytes > largest.bytes ? footprint : largest;
    }
    if (memory.bytes == UINT64_MAX || (memory.bytes > PROGRAM_BYTES &&
                                       largest.bytes <= (memory.bytes - PROGRAM_BYTES) / at_once)) {
        return true;
    }
    return refuse(&memory, &largest, at_once, err);
}
