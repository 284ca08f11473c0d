/* W1 hold model on cimba's event queue. usage: w1 N holds */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cimba.h>

#include "bench/harness.h"
static uint64_t left;
static double t0, t1, warm;
static uint64_t M;
static void ev(void *s, void *o)
{
    if (--left == M)
        t0 = bench_seconds();
    if (left == 0) {
        t1 = bench_seconds();
        cmb_event_queue_clear();
        return;
    }
    cmb_event_schedule(ev, s, o, cmb_time() + cmb_random_exponential(1.0), 0);
}
int main(int c, char **v)
{
    const uint64_t N = bench_count(v[1]);
    M = bench_count(v[2]);
    const uint64_t W = 1000000;
    cmb_logger_flags_off(CMB_LOGGER_INFO);
    cmb_random_initialize(42);
    cmb_event_queue_initialize(0.0);
    left = W + M;
    for (uint64_t i = 0; i < N; i++)
        cmb_event_schedule(ev, NULL, NULL, cmb_random_exponential(1.0), 0);
    cmb_event_queue_execute();
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    printf("cimba N=%lu exp ns/hold %.2f rss_MiB %.1f\n", (unsigned long)N, (t1 - t0) / M * 1e9,
           r.ru_maxrss / 1024.0);
    cmb_event_queue_terminate();
    cmb_random_terminate();
    return 0;
}
