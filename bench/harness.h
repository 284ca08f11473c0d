#ifndef BENCH_HARNESS_H
#define BENCH_HARNESS_H
/*
 * What the benchmarks share: a clock, numbers on the command line, and checks that end a program.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double bench_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* A count from 1 to 10^12, as 1000000 or 1e6; ends the program when the text is none. */
static inline uint64_t bench_count(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= 1 && value <= 1e12)) {
        fprintf(stderr, "not a count: %s\n", text);
        exit(2);
    }
    return (uint64_t)value;
}

/* What a workload must yield whatever its speed; ends the program when it does not. */
static inline void bench_check(bool is_met, const char *what, double got)
{
    if (!is_met) {
        fprintf(stderr, "check failed: %s, got %.6g\n", what, got);
        exit(1);
    }
}

#endif
